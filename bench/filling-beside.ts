import { counterId, counterOf } from '../server/src/core/counter.ts'
import type { Value } from '../server/src/stores/rows/columns.ts'
import { type Caller, MODELS, type Slot } from './ledger-shape.ts'
import type { Loader } from './loaders.ts'
import { seeded } from './random.ts'

/** One refusal for so many entries, and of each quarter of an hour as many samples as the product keeps. */
const ENTRIES_PER_REFUSAL = 50
const MOST_SAMPLES = 200
const CROSSINGS = 5_000
const CODES = ['limit_reached', 'rate_limited', 'unbounded_request', 'invalid_field'] as const

/** Puts what lies beside the entries: refusals, with their counts, and crossings. */
export async function fillBeside(loader: Loader, callers: readonly Caller[], slots: readonly Slot[]): Promise<void> {
  const random = seeded(2)
  const counts: Value[][] = []
  const samples: Value[][] = []
  for (const { startMs, entries } of slots) {
    const refused = Math.floor(entries / ENTRIES_PER_REFUSAL)
    const here = Array.from({ length: refused }, () => refusal(callers, random))
    for (const same of Map.groupBy(here, ({ key }) => key).values()) {
      const { userId, model, code } = same[0]!
      counts.push(['default', startMs, userId, model, code, '', 0, same.length])
    }
    for (const [at, { userId, keyId, provider, model, code }] of here.slice(0, MOST_SAMPLES).entries()) {
      const id = `refusal-${startMs}-${at}`
      const atMs = startMs + Math.floor((at * 900_000) / refused)
      samples.push(['default', atMs, id, `call-${id}`, userId, keyId, provider, model, code, null, 0, 'Refused.', '{}'])
    }
  }
  await loader.insert(
    'refusal_counts',
    ['tenant_id', 'start_ms', 'user_id', 'model', 'code', 'limit_id', 'shadow', 'count'],
    counts,
  )
  await loader.insert('refusals', REFUSAL, samples)
  await loader.insert('crossings', CROSSING, crossings(slots))
}

const REFUSAL = [
  ...['tenant_id', 'at_ms', 'refusal_id', 'call_id', 'user_id', 'key_id', 'provider', 'model', 'code', 'limit_id'],
  ...['shadow', 'message', 'details'],
]
const CROSSING = ['tenant_id', 'crossing_id', 'limit_id', 'counter_id', 'threshold', 'amount', 'settled', 'at_ms']

function refusal(callers: readonly Caller[], random: () => number) {
  // Few users are refused, and those often.
  const caller = callers[Math.floor(random() ** 3 * callers.length)]!
  const [provider, model] = MODELS[Math.floor(random() * MODELS.length)]!
  const code = CODES[Math.floor(random() * CODES.length)]!
  return { ...caller, provider, model, code, key: `${caller.userId} ${model} ${code}` }
}

/** Of a limit that is no more. */
const OF_TENANT = counterId(
  counterOf(
    {
      ...{ id: 'gone', tenantId: 'default', scope: { kind: 'tenant', id: 'default' }, metric: 'tokens' },
      ...{ window: { kind: 'lifetime' }, amount: 1_000n, mode: 'soft' },
    },
    0,
  ),
)

function crossings(slots: readonly Slot[]): Value[][] {
  const every = Math.max(1, Math.floor(slots.length / CROSSINGS))
  return slots
    .filter((_, at) => at % every === 0)
    .map(({ startMs }) => ['default', `crossing-${startMs}`, 'gone', OF_TENANT, 80, 1_000, 800, startMs])
}
