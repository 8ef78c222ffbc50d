// `npm run campaign:kill -- --rounds 50 --seed 1`: kills the server at random moments under open streams, and looks
// everything over after each; then as often under events that it is told. Ends with 1 where something was not as promised.
import { parseArgs } from 'node:util'
import { answering } from '../answers.ts'
import { startFakeProvider } from '../fake-provider.ts'
import { newInstallation } from '../harness.ts'
import { killRound } from '../kill-round.ts'
import { toldOnce } from '../told-once.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string' } } })
const first = Number(values.seed ?? Date.now() % 1_000_000)
const provider = await startFakeProvider(answering())
const installation = newInstallation(provider)
await (await installation.start()).stop()

let bad = 0
for (let seed = first; seed < first + Number(values.rounds); seed += 1) {
  const round = await killRound(installation, provider, seed)
  if (round.faults.length > 0) bad += 1
  const { calls, complete, received, entries } = round
  console.log(
    `seed ${seed}: ${calls} calls, ${received} reached the provider, ${complete} complete, ${entries} entries`,
  )
  for (const fault of round.faults) console.log(`  FAULT ${fault}`)
}
const told = await toldOnce(installation, Number(values.rounds))
if (told.faults.length > 0) bad += 1
console.log(`${told.sent} events told, ${told.acknowledged} acknowledged, ${told.entries} entries`)
for (const fault of told.faults) console.log(`  FAULT ${fault}`)
await installation.remove()
await provider.close()
console.log(`${values.rounds} rounds, ${bad} with faults`)
process.exitCode = bad === 0 ? 0 : 1
