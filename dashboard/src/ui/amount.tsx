import { Tooltip } from '@heroui/react/tooltip'
import { exactCount, shortCount } from '../lib/numbers.ts'
import { exactUsd, shortUsd } from '../lib/money.ts'

interface Shown {
  short: string
  exact: string
}

/** A number as short as its place asks for. Where that hides digits, hover or focus shows all of them. */
function Shortened({ short, exact }: Shown) {
  if (short === exact) return <>{short}</>
  return (
    <Tooltip closeDelay={0} delay={200}>
      <Tooltip.Trigger
        aria-label={exact}
        className="inline cursor-default rounded-xs underline decoration-dotted decoration-1 underline-offset-[3px] [text-decoration-color:var(--separator-tertiary)]"
        tabIndex={0}
      >
        {short}
      </Tooltip.Trigger>
      <Tooltip.Content className="tabular-nums">{exact}</Tooltip.Content>
    </Tooltip>
  )
}

export function Count({ of }: { of: bigint }) {
  return <Shortened exact={exactCount(of)} short={shortCount(of)} />
}

/** Nano-USD. Trailing zeros are no hidden digits: "$2.50" is exactly $2.5. */
export function Usd({ of }: { of: bigint }) {
  const exact = exactUsd(of)
  const short = shortUsd(of)
  return <Shortened exact={sameAmount(short, exact) ? short : exact} short={short} />
}

function sameAmount(short: string, exact: string): boolean {
  return short.replace(/\.?0+$/, '') === exact.replace(/\.0+$/, '') || short === exact
}
