import { Tooltip } from '@heroui/react/tooltip'
import { exactUsd, shortUsd } from '../lib/money.ts'
import { exactCount, shortCount } from '../lib/numbers.ts'

interface AmountProps {
  of: bigint
  /** In a row that opens onto the exact number anyway: the pointer alone shows it here, without a stop for the keyboard. */
  inRow?: boolean
}

export function Count({ of, inRow = false }: AmountProps) {
  return <Shortened exact={exactCount(of)} inRow={inRow} short={shortCount(of)} />
}

/** Nano-USD. */
export function Usd({ of, inRow = false }: AmountProps) {
  const exact = exactUsd(of)
  const short = shortUsd(of)
  // Trailing zeros hide nothing: "$2.50" is exactly $2.5.
  return <Shortened exact={short.replace(/\.?0+$/, '') === exact ? short : exact} inRow={inRow} short={short} />
}

/** A number as short as its place asks for. Where that hides digits, hover or focus shows all of them. */
function Shortened({ short, exact, inRow }: { short: string; exact: string; inRow: boolean }) {
  if (short === exact) return <>{short}</>
  if (inRow) return <span title={exact}>{short}</span>
  return (
    <Tooltip closeDelay={0} delay={200}>
      <Tooltip.Trigger
        aria-label={`${short}, exactly ${exact}`}
        className="inline cursor-default rounded-xs underline decoration-separator-tertiary decoration-dotted decoration-1 underline-offset-[3px]"
        tabIndex={0}
      >
        {short}
      </Tooltip.Trigger>
      <Tooltip.Content className="tabular-nums">{exact}</Tooltip.Content>
    </Tooltip>
  )
}
