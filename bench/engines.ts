import { parseArgs } from 'node:util'
import { databaseFrom } from '../server/src/config/database.ts'
import { openStores } from '../server/src/open-stores.ts'
import { type CommitCosts, measureCommits } from './commits.ts'
import { type EngineName, ENGINES, missing, startEngine } from './databases.ts'
import { printCommits, printEngines } from './engine-report.ts'
import { compareEngines } from './engine-rounds.ts'
import { nameIn, positive } from './options.ts'

/**
 * `npm run engines -- [--only sqlite,postgres,dynamodb] [--connections 1,32] [--rounds 5] [--seconds 4] [--gateways 2]
 * [--warm-seconds 15] [--batches 1,8,32,128] [--minutes 20]`
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'sqlite,postgres,dynamodb' },
    connections: { type: 'string', default: '1,32' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    gateways: { type: 'string', default: '2' },
    'warm-seconds': { type: 'string', default: '15' },
    batches: { type: 'string', default: '1,8,32,128' },
    minutes: { type: 'string', default: '20' },
  },
})
const engines = values.only.split(',').map((name) => nameIn(ENGINES, name))
const seconds = positive('seconds', values.seconds)
const minutes = positive('minutes', values.minutes)
const batches = values.batches.split(',').map((batch) => positive('batches', batch))

/** Beyond its budget by so much, something hangs. */
const late = setTimeout(
  () => {
    console.error(`--minutes ${minutes} are long over: something hangs`)
    process.exit(1)
  },
  (minutes + 5) * 60_000,
)
const comparison = await compareEngines({
  ...{ engines, rounds: positive('rounds', values.rounds), seconds, minutes },
  connections: values.connections.split(',').map((count) => positive('connections', count)),
  gateways: positive('gateways', values.gateways),
  warmSeconds: positive('warm-seconds', values['warm-seconds']),
})
const summaries = printEngines(comparison)
const commits: Partial<Record<EngineName, CommitCosts[]>> = {}
// One after another: each is to have the machine for itself.
for (const name of engines) if (missing(name) === undefined) commits[name] = await commitsOn(name)
printCommits(commits)
console.log(JSON.stringify({ ...comparison, summaries, commits }))
clearTimeout(late)

async function commitsOn(name: EngineName): Promise<CommitCosts[]> {
  const engine = await startEngine(name)
  try {
    const costs: CommitCosts[] = []
    for (const batch of batches) {
      const stores = await openStores(databaseFrom(await engine.newUrl(), ''))
      try {
        costs.push(await measureCommits(stores, batch, seconds / 2))
      } finally {
        await stores.close()
      }
    }
    return costs
  } finally {
    await engine.stop()
  }
}
