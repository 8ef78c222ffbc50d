import { integer } from '../../lib/integer.ts'
import { counted } from '../../lib/numbers.ts'
import type { Range } from '../../lib/range.ts'
import { useSummary } from '../../lib/use-sums.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import type { Chosen } from './call-filter.ts'

/** What the calls of the range come to, from the same sums as every other page. Other filters have no sums kept. */
export function RequestSums({ chosen, range }: { chosen: Chosen; range: Range }) {
  const { user, model, ...others } = chosen
  const { data } = useSummary(range, { ...(user && { userId: user }), ...(model && { model }) })
  if (!data || Object.keys(others).length > 0) return null
  return (
    <p aria-label="Sums of the range" className="text-[13px] text-muted tabular-nums" role="note">
      <span className="font-medium text-foreground">{counted(integer(data.requests), 'request')}</span>
      {' · '}
      <Count of={integer(data.totalTokens)} /> tokens {' · '}
      <Usd of={integer(data.costNanoUsd)} />
      {integer(data.unpricedEntries) > 0n && ` without ${counted(integer(data.unpricedEntries), 'unpriced call')}`}
    </p>
  )
}
