import type { Hold } from '../../core/hold.ts'
import { aHold, aLimit, aReading, endOf, reserveOf } from './fixtures.ts'
import type { Stores } from './reference.ts'

/** The limits of the competition: the user's binds, the tenant's only counts. */
export function limitsOfCompetition(ceiling: bigint) {
  const tenant = { kind: 'tenant', id: 'acme' } as const
  return [aLimit({ amount: ceiling }), aLimit({ id: 'limit-2', scope: tenant, amount: null })]
}

/**
 * Reserves again and again in batches of several sizes below the ceiling, and settles every third hold at less than it
 * held. Answers how many tokens it settled and left held.
 */
export async function compete({ ledger }: Stores, writerId: string, ceiling: bigint, tries: number) {
  const limits = limitsOfCompetition(ceiling)
  const open: Hold[] = []
  let settled = 0
  let made = 0
  for (let round = 1; round <= tries; round++) {
    const plans = Array.from({ length: (round % 4) + 1 }, () => {
      const outputTokens = 1 + ((++made * 37) % 90)
      return reserveOf(aHold({ id: `${writerId}-${made}`, writerId, bound: { inputTokens: 10, outputTokens } }), limits)
    })
    const answers = await ledger.commit(writerId, plans)
    answers.forEach((answer, index) => answer.kind === 'committed' && open.push(plans[index]!.open))
    const ending = open.length > 0 && round % 3 === 0 ? open.pop() : undefined
    if (!ending) continue
    const reading = aReading({ usage: { buckets: { outText: 5 } } })
    const [end] = await ledger.commit(writerId, [endOf(ending, { kind: 'settle', reading })])
    if (end?.kind === 'committed') settled += 5
  }
  return { settled, held: open.reduce((sum, { bound }) => sum + bound!.inputTokens + bound!.outputTokens, 0) }
}
