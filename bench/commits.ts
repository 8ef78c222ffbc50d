import { randomUUIDv7 } from 'node:crypto'
import { counterId, counterOf } from '../server/src/core/counter.ts'
import type { Reading } from '../server/src/core/entry.ts'
import type { Hold } from '../server/src/core/hold.ts'
import type { Limit } from '../server/src/core/limit.ts'
import type { Plan } from '../server/src/core/plan.ts'
import type { Price } from '../server/src/core/price.ts'
import { planEnd, planReserve } from '../server/src/ledger/plans.ts'
import type { Stores } from '../server/src/open-stores.ts'
import { MODEL } from './call.ts'
import { spread } from './figures.ts'

const WRITER = 'bench-writer'
const LIMIT: Limit = {
  id: 'bench-limit',
  tenantId: 'default',
  scope: { kind: 'user', id: 'bench' },
  metric: 'tokens',
  window: { kind: 'lifetime' },
  amount: 10n ** 15n,
  mode: 'hard',
}
const PRICE: Price = {
  version: 'bench-price',
  provider: 'openai',
  model: MODEL,
  source: 'bench',
  rates: { perToken: { inUncached: 150_000n, inCacheRead: 75_000n, outText: 600_000n }, perToolCall: {} },
  tiers: [],
}
const READING: Reading = {
  outcome: 'completed',
  evidence: 'reported',
  usage: { buckets: { inUncached: 44, inCacheRead: 0, outText: 25, outReasoning: 0 } },
  rawUsage: '{"prompt_tokens":44,"completion_tokens":25,"total_tokens":69,"prompt_tokens_details":{"cached_tokens":0}}',
  quarantine: null,
  servedModel: 'gpt-4o-mini-2024-07-18',
  costNanoUsd: 21_600n,
  priceVersion: PRICE.version,
  httpStatus: 200,
  firstByteMs: 3,
  durationMs: 4,
}

/** What commits of so many plans took. */
export interface CommitCosts {
  readonly batch: number
  readonly commitsPerSecond: number
  readonly plansPerSecond: number
  readonly commitMs: number
  /** Of this process, which with SQLite is all that there is. */
  readonly processorUsPerPlan: number
}

/** Commits on an empty database, one after another. */
export async function measureCommits(stores: Stores, batch: number, seconds: number): Promise<CommitCosts> {
  const { version } = await stores.accounts.tenant('default')
  await stores.ledger.renewLease(WRITER, 600_000)
  const makePlans = steadyLoad(version)
  const commit = async () => {
    const plans = makePlans(batch)
    const startMs = performance.now()
    // An engine may take fewer at once than it is given.
    for (let done = 0; done < plans.length;) {
      const answers = await stores.ledger.commit(WRITER, plans.slice(done, done + stores.ledger.maxPlansPerCommit))
      if (answers.length === 0 || answers.some(({ kind }) => kind !== 'committed'))
        throw new Error('A plan was not committed')
      done += answers.length
    }
    return performance.now() - startMs
  }
  const warmUntilMs = performance.now() + 500
  while (performance.now() < warmUntilMs) await commit()
  const timesMs: number[] = []
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  while (performance.now() < startMs + seconds * 1000) timesMs.push(await commit())
  const { user, system } = process.cpuUsage(cpuBefore)
  const commitsPerSecond = (timesMs.length * 1000) / timesMs.reduce((sum, ms) => sum + ms, 0)
  return {
    batch,
    commitsPerSecond,
    plansPerSecond: commitsPerSecond * batch,
    commitMs: spread(timesMs).median,
    processorUsPerPlan: (user + system) / (timesMs.length * batch),
  }
}

/** Batches of plans that open holds and end those that were opened before, with about 64 open at any time. */
function steadyLoad(tenantVersion: number): (batch: number) => Plan[] {
  const open: Hold[] = []
  let turn = 0
  const next = (): Plan => {
    const oldest = turn++ % 2 === 0 || open.length < 64 ? undefined : open.shift()
    if (oldest !== undefined) return planEnd(oldest, { kind: 'settle', reading: READING }, [PRICE])
    const hold = newHold()
    open.push(hold)
    return planReserve(hold, [LIMIT], tenantVersion, PRICE)
  }
  return (batch) => Array.from({ length: batch }, next)
}

function newHold(): Hold {
  const countedAtMs = Date.now()
  const id = randomUUIDv7()
  return {
    id,
    callId: randomUUIDv7(),
    attempt: 1,
    format: 'openai-chat',
    stream: false,
    audit: {},
    labels: {},
    tenantId: 'default',
    userId: 'bench',
    keyId: 'key_bench',
    provider: 'openai',
    model: MODEL,
    writerId: WRITER,
    version: 1,
    countedAtMs,
    bound: { inputTokens: 308, outputTokens: 200 },
    boundCostNanoUsd: 166_200n,
    priceVersion: PRICE.version,
    counters: [counterId(counterOf(LIMIT, countedAtMs))],
  }
}
