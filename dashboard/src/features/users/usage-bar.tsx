import { ProgressBar } from '@heroui/react/progress-bar'
import { exactCount } from '../../lib/numbers.ts'
import type { Standing, Usage } from './limit-state.ts'

const FILL: Record<Standing, string> = {
  unlimited: 'bg-accent',
  fine: 'bg-accent',
  near: 'bg-warning',
  held: 'bg-warning',
  reached: 'bg-danger',
  closed: 'bg-muted',
}

/** The settled part solid, the held part hatched behind it. */
export function UsageBar({ userId, usage }: { userId: string; usage: Usage }) {
  const { used, held, limit, usedPercent, heldPercent, standing } = usage
  if (limit === null) return null
  return (
    <ProgressBar
      aria-label={`Tokens of ${userId}`}
      size="md"
      value={usedPercent + heldPercent}
      valueLabel={`${exactCount(used)} settled and ${exactCount(held)} held of ${exactCount(limit)} tokens`}
    >
      <ProgressBar.Track className="h-1.5 rounded-full">
        <ProgressBar.Fill className="hatched rounded-full bg-transparent" />
        <div
          className={`absolute inset-y-0 start-0 rounded-full transition-[width] duration-300 ${FILL[standing]}`}
          style={{ width: `${usedPercent}%` }}
        />
      </ProgressBar.Track>
    </ProgressBar>
  )
}
