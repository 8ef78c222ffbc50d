import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { counterId, counterOf } from '../server/src/core/counter.ts'
import type { Reading } from '../server/src/core/entry.ts'
import type { Hold } from '../server/src/core/hold.ts'
import type { Limit } from '../server/src/core/limit.ts'
import type { Plan } from '../server/src/core/plan.ts'
import type { Price } from '../server/src/core/price.ts'
import { planEnd, planReserve } from '../server/src/ledger/plans.ts'
import { openSqlite } from '../server/src/stores/sqlite/open.ts'
import { MODEL } from './call.ts'
import { spread, table, whole } from './figures.ts'
import { describeMachine, syncMs } from './machine.ts'

/**
 * `npm run store -- [--seconds 2] [--batches 1,8,32,128]`: what a commit costs by the number of plans in it, on the
 * disk and in memory. Half of the plans open a hold and half end one, as under a steady load.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, batches: { type: 'string', default: '1,8,32,128' } },
})
const seconds = Number(values.seconds)
const batches = values.batches.split(',').map(Number)

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

console.log(`${describeMachine()}; half of the plans open a hold and half end one`)
for (const folder of [tmpdir(), '/dev/shm']) {
  const rows = []
  for (const batch of batches) rows.push(await measure(folder, batch))
  console.log(`\nin ${folder}, where making 4 KiB durable takes ${syncMs(folder).toFixed(3)} ms`)
  console.log(
    table(['plans a commit', 'commits/s', 'plans/s', 'ms a commit', 'µs a plan', 'processor µs a plan'], rows),
  )
}

async function measure(folder: string, batch: number): Promise<string[]> {
  const data = mkdtempSync(join(folder, 'token-trackr-store-'))
  const stores = openSqlite(join(data, 'ledger.db'))
  try {
    const { version } = await stores.accounts.tenant('default')
    await stores.ledger.renewLease(WRITER, 600_000)
    const makePlans = steadyLoad(version)
    const commit = async () => {
      const plans = makePlans(batch)
      const startMs = performance.now()
      const answers = await stores.ledger.commit(WRITER, plans)
      if (answers.some(({ kind }) => kind !== 'committed')) throw new Error('A plan was not committed')
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
    return [
      whole(batch),
      whole(commitsPerSecond),
      whole(commitsPerSecond * batch),
      spread(timesMs).median.toFixed(3),
      (1e6 / (commitsPerSecond * batch)).toFixed(1),
      ((user + system) / (timesMs.length * batch)).toFixed(1),
    ]
  } finally {
    await stores.close()
    rmSync(data, { recursive: true })
  }
}

/** Batches of plans that open holds and end those that were opened before, with about 64 open at any time. */
function steadyLoad(tenantVersion: number): (batch: number) => Plan[] {
  const open: Hold[] = []
  let turn = 0
  const next = (): Plan => {
    const oldest = turn++ % 2 === 0 || open.length < 64 ? undefined : open.shift()
    if (oldest !== undefined) return planEnd(oldest, { kind: 'settle', reading: READING }, PRICE)
    const hold = newHold()
    open.push(hold)
    return planReserve(hold, [LIMIT], tenantVersion, PRICE)
  }
  return (batch) => Array.from({ length: batch }, next)
}

function newHold(): Hold {
  const countedAtMs = Date.now()
  const id = randomUUID()
  return {
    id,
    callId: randomUUID(),
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
