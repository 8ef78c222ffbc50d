import type { Crossing } from '../../core/crossing.ts'
import type { Hold } from '../../core/hold.ts'
import type { Plan } from '../../core/plan.ts'
import { aHold, aLimit, aReading, aRefusal, countOf, counterAt, endOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { Stores } from './reference.ts'

export const CEILING = 5_000n
/** Enough for one competitor alone to reach the ceiling. */
const ROUNDS = 100

/** What a competitor has got out of a match; it travels between processes as JSON. */
export interface Result {
  /** In tokens. */
  readonly settled: number
  readonly held: number
  /** Plans that missed the ceiling. */
  readonly refused: number
  readonly samples: number
  /** The text of the first crossing that it put; null where it ended no hold. */
  readonly crossing: string | null
}

/** The limits of a match: the user's binds, the model's only counts. Each match has a user and a model of its own. */
export function limitsOfMatch(match: number) {
  const model = { kind: 'model', id: `match-${match}` } as const
  return [
    aLimit({ scope: { kind: 'user', id: `match-${match}` }, amount: CEILING }),
    aLimit({ id: 'limit-2', scope: model, amount: null }),
  ] as const
}

/**
 * Reserves again and again in batches of several sizes below the ceiling, and settles every third hold at less than it
 * held, telling each time of the same threshold. What is refused is counted and sampled.
 */
export async function compete({ ledger }: Stores, writerId: string, match: number): Promise<Result> {
  const limits = limitsOfMatch(match)
  const open: Hold[] = []
  const result = { settled: 0, refused: 0, samples: 0, crossing: null as string | null }
  let made = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const plans = Array.from({ length: (round % 4) + 1 }, () => {
      const bound = { inputTokens: 10, outputTokens: 1 + ((++made * 37) % 90) }
      return reserveOf(aHold({ id: `${writerId}-${match}-${made}`, writerId, bound }), limits)
    })
    const answers = await ledger.commit(writerId, plans)
    answers.forEach((answer, index) => answer.kind === 'committed' && open.push(plans[index]!.open))
    const refused = answers.filter(({ kind }) => kind === 'missed').length
    if (refused > 0) {
      result.refused += refused
      result.samples++
      await ledger.commit(writerId, [refusalsOf(match, `${writerId}-${match}-${round}`, refused)])
    }
    const ending = open.length > 0 && round % 3 === 0 ? open.pop() : undefined
    if (!ending) continue
    const reading = aReading({ usage: { buckets: { outText: 5 } } })
    const crossing = crossingOf(match, BigInt(result.settled), NOON_MS + round)
    result.crossing ??= crossingText(crossing)
    const end = { ...endOf(ending, { kind: 'settle', reading }), crossings: [crossing] }
    const [answer] = await ledger.commit(writerId, [end])
    if (answer?.kind === 'committed') result.settled += 5
  }
  return { ...result, held: open.reduce((sum, { bound }) => sum + bound!.inputTokens + bound!.outputTokens, 0) }
}

export function crossingText(crossing: Crossing): string {
  return `${crossing.id} at ${crossing.atMs} with ${crossing.settled}`
}

function crossingOf(match: number, settled: bigint, atMs: number): Crossing {
  const [{ id: limitId, tenantId }] = limitsOfMatch(match)
  const counterId = counterAt(limitsOfMatch(match)[0])
  const id = `${limitId} ${counterId} 80`
  return { id, tenantId, limitId, counterId, threshold: 80, amount: CEILING, settled, atMs }
}

function refusalsOf(match: number, id: string, count: number): Plan {
  const refusal = aRefusal({ id, userId: `match-${match}` })
  return {
    tenantId: refusal.tenantId,
    adds: [],
    rollups: [],
    refusals: { counts: [countOf(refusal, count)], samples: [refusal] },
  }
}
