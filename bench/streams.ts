import { parseArgs } from 'node:util'
import { nameIn, positive, positiveOrNone } from './options.ts'
import { type Column, COLUMNS, ms, msOfUs, printPaced } from './paced-report.ts'
import { comparePaced, PACED_CONTENDERS, type PacedSample } from './paced-rounds.ts'

/**
 * `npm run streams -- [--streams 500] [--rate 20] [--tokens 100] [--seconds 20] [--rounds 3] [--only …] [--sync-ms 5]`:
 * so many streams open at once, each of so many tokens at such a rate. When one ends, another begins.
 */

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '500' },
    rate: { type: 'string', default: '20' },
    tokens: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    'sync-ms': { type: 'string' },
    only: { type: 'string', default: 'nothing,pass-through,token-trackr' },
  },
})
const rate = positive('rate', values.rate)
const tokens = positive('tokens', values.tokens)
const streams = positive('streams', values.streams)
const streamSeconds = tokens / rate

const comparison = await comparePaced({
  contenders: values.only.split(',').map((name) => nameIn(PACED_CONTENDERS, name)),
  rounds: positive('rounds', values.rounds),
  syncMs: positiveOrNone('sync-ms', values['sync-ms']),
  load: {
    ...{ streamEvery: 1, tokens, everyMs: 1000 / rate, callsPerSecond: streams / streamSeconds, mostOpen: 3 * streams },
    // Once the first stream has ended, as many are open as there ever will be.
    ...{ rampSeconds: streamSeconds + 0.5, seconds: positive('seconds', values.seconds) },
  },
})

const FIRST: readonly Column[] = [
  { head: 'first byte p50 ms', of: (sample) => sample.first.p50Us, print: msOfUs },
  { head: 'p99', of: (sample) => sample.first.p99Us, print: msOfUs },
  { head: 'chunk delay p50 ms', of: (sample) => sample.delay.p50Us, print: msOfUs },
  { head: 'p99', of: (sample) => sample.delay.p99Us, print: msOfUs },
]
const cpuMs = (sample: PacedSample) => (sample.proxySeconds / sample.frames) * 1e6
const peakRssMiB = comparison.totals.find(({ contender }) => contender === 'token-trackr')?.peakRssMiB ?? Number.NaN
const CPU: Column = { head: 'proxy ms/1,000 frames', of: cpuMs, print: ms }

console.log(`${streams} streams at ${rate} tokens/s, of ${tokens} tokens: ${streams / streamSeconds} begin each second`)
printPaced(
  comparison,
  [...FIRST, CPU, ...COLUMNS],
  [
    { ...FIRST[0]!, head: 'first byte p50 ms' },
    { ...FIRST[1]!, head: 'first byte p99 ms' },
    { ...FIRST[2]!, head: 'chunk delay p50 ms' },
    { ...FIRST[3]!, head: 'chunk delay p99 ms' },
    CPU,
  ],
  [
    { what: 'first byte p99', target: '< 20 ms', of: (sample) => sample.first.p99Us, print: msOfUs },
    { what: 'chunk delay p99', target: '< 10 ms', of: (sample) => sample.delay.p99Us, print: msOfUs },
    { what: 'event loop lag p99', target: '< 50 ms', of: (sample) => sample.inside?.lagP99Ms ?? Number.NaN, print: ms },
    { what: 'peak RSS', target: '< 300 MiB', of: () => peakRssMiB, print: (figure) => `${Math.round(figure)} MiB` },
  ],
)
