import type { ReactNode } from 'react'
import type { Trend } from '../../lib/contract.ts'
import { compareIntegers } from '../../lib/integer.ts'
import { counted } from '../../lib/numbers.ts'
import { sum } from '../../lib/series.ts'
import { seriesOf } from '../../lib/trend-series.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { ShareBars } from '../../ui/chart/share-bars.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { LoadingLines } from '../../ui/loading.tsx'
import { Panel } from '../../ui/panel.tsx'

const NAMED = 5

interface TopListProps {
  title: string
  trend: Trend | undefined
  error: Error | null
  /** The name of one, with the way to it. */
  nameOf: (key: string) => ReactNode
  more: ReactNode
}

/** The greatest by cost; where nothing costs anything, by tokens. */
export function TopList({ title, trend, error, nameOf, more }: TopListProps) {
  const costs = trend ? seriesOf(trend, 'cost') : []
  const tokens = trend ? seriesOf(trend, 'tokens') : []
  const byCost = costs.length > 0
  const ranked = (byCost ? costs : tokens)
    .map(({ key, values }) => ({ key, value: sum(values) }))
    .toSorted((a, b) => Number(a.key === 'other') - Number(b.key === 'other') || compareIntegers(b.value, a.value))
  const named = ranked.slice(0, NAMED)
  return (
    <Panel more={more} title={title}>
      {!trend && !error && <LoadingLines lines={NAMED} what={title} />}
      {!trend && error && <ErrorLine error={error} />}
      {trend && named.length === 0 && <p className="text-[13px] text-muted">Nothing in this time.</p>}
      <ShareBars
        shares={named.map(({ key, value }) => ({
          key,
          name: key === 'other' ? <span className="text-muted">Other</span> : nameOf(key),
          value,
          text: byCost ? <Usd of={value} /> : <>{<Count of={value} />} tokens</>,
        }))}
      />
      {ranked.length > NAMED && (
        <p className="mt-3 text-xs text-muted">and {counted(BigInt(ranked.length - NAMED), 'more', 'more')}</p>
      )}
    </Panel>
  )
}
