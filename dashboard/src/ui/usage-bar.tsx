import { ProgressBar } from '@heroui/react/progress-bar'
import type { Standing, Usage } from '../lib/standing.ts'

const FILL: Record<Standing, string> = {
  unlimited: 'bg-accent',
  fine: 'bg-accent',
  near: 'bg-warning',
  held: 'bg-warning',
  reached: 'bg-danger',
  closed: 'bg-muted',
}

interface UsageBarProps {
  /** What is metered: "Tokens of ada". */
  label: string
  usage: Usage
  /** An amount in full, with its unit. */
  exact: (amount: bigint) => string
  size?: 'small' | 'large'
}

/** The settled part solid, the held part hatched behind it. */
export function UsageBar({ label, usage, exact, size = 'small' }: UsageBarProps) {
  const { used, held, limit, usedPercent, heldPercent, standing } = usage
  if (limit === null) return null
  return (
    <ProgressBar
      aria-label={label}
      size="md"
      value={usedPercent + heldPercent}
      valueLabel={`${exact(used)} settled and ${exact(held)} held of ${exact(limit)}`}
    >
      <ProgressBar.Track className={`rounded-full ${size === 'small' ? 'h-1.5' : 'h-3'}`}>
        <ProgressBar.Fill className="hatched rounded-full bg-transparent" />
        <div
          className={`absolute inset-y-0 start-0 rounded-full transition-[width] duration-300 ${FILL[standing]}`}
          style={{ width: `${usedPercent}%` }}
        />
      </ProgressBar.Track>
    </ProgressBar>
  )
}
