import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSqlite } from '../server/src/stores/sqlite/open.ts'
import { measureCommits } from './commits.ts'
import { table, whole } from './figures.ts'
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
    const costs = await measureCommits(stores, batch, seconds)
    return [
      whole(batch),
      whole(costs.commitsPerSecond),
      whole(costs.plansPerSecond),
      costs.commitMs.toFixed(3),
      (1e6 / costs.plansPerSecond).toFixed(1),
      costs.processorUsPerPlan.toFixed(1),
    ]
  } finally {
    await stores.close()
    rmSync(data, { recursive: true })
  }
}
