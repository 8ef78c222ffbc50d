// `npm run campaign:chaos -- --minutes 10 --seed 1`: clients and a provider that misbehave, with two servers between
// them, and everything looked over afterwards. Ends with 1 where something was not as promised.
import { parseArgs } from 'node:util'
import { chaosRun } from '../chaos-run.ts'
import { chaosTable } from '../chaos-table.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    lanes: { type: 'string', default: '24' },
  },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const seconds = Number(values.minutes) * 60
const run = await chaosRun({ seconds, seed, lanes: Number(values.lanes) }, console.log)
console.log(chaosTable(run))
for (const fault of run.faults.slice(0, 50)) console.log(`FAULT ${fault}`)
console.log(`${run.faults.length} faults`)
process.exit(run.faults.length === 0 ? 0 : 1)
