import { parseArgs } from 'node:util'
import { nameIn, positive, positiveOrNone } from './options.ts'
import { type Column, COLUMNS, ms, msOfUs, printPaced } from './paced-report.ts'
import { comparePaced, PACED_CONTENDERS } from './paced-rounds.ts'

/**
 * `npm run load -- [--rps 200] [--upstream-ms 50] [--seconds 20] [--rounds 3] [--only …] [--sync-ms 5]`: what a caller waits
 * longer under a steady load of calls that are not streamed, for 60 seconds in three parts.
 */

const { values } = parseArgs({
  options: {
    rps: { type: 'string', default: '200' },
    'upstream-ms': { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    'sync-ms': { type: 'string' },
    only: { type: 'string', default: 'nothing,pass-through,token-trackr' },
  },
})
const callsPerSecond = positive('rps', values.rps)
const upstreamMs = positive('upstream-ms', values['upstream-ms'])
const TOKENS = 25

const comparison = await comparePaced({
  contenders: values.only.split(',').map((name) => nameIn(PACED_CONTENDERS, name)),
  rounds: positive('rounds', values.rounds),
  syncMs: positiveOrNone('sync-ms', values['sync-ms']),
  load: {
    ...{ streamEvery: 0, tokens: TOKENS, everyMs: upstreamMs / TOKENS, callsPerSecond, mostOpen: 1_000 },
    ...{ rampSeconds: 1, seconds: positive('seconds', values.seconds) },
  },
})

const LATE: readonly Column[] = [
  { head: 'overhead p50 ms', of: (sample) => sample.first.p50Us, print: msOfUs },
  { head: 'overhead p99 ms', of: (sample) => sample.first.p99Us, print: msOfUs },
]
const CPU: Column = {
  ...{ head: 'proxy ms/call', of: (sample) => (sample.proxySeconds / sample.measured) * 1000, print: ms },
}

console.log(`${callsPerSecond} calls/s, of which the upstream takes ${upstreamMs} ms each`)
printPaced(
  comparison,
  [...LATE, CPU, ...COLUMNS],
  [...LATE, CPU],
  [{ what: 'overhead p99', target: '< 15 ms', of: (sample) => sample.first.p99Us, print: msOfUs }],
)
