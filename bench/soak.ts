import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { startTokenTrackr } from './contenders.ts'
import { table, whole } from './figures.ts'
import { ASKABLE, askInside } from './inside.ts'
import { countDescriptors, describeMachine, pinning, readProcess } from './machine.ts'
import { positive } from './options.ts'
import { loadPaced, type PacedLoad, type PacedRunning, started, WARM_UP } from './paced-rounds.ts'
import { startPacedHarness } from './processes.ts'
import { notBack, type Reading, verdictOf } from './soak-verdict.ts'

/** `npm run soak -- [--minutes 30] [--rps 50]`: whether memory, handles and sockets stay as they are under a steady load. */

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, rps: { type: 'string', default: '50' } },
})
const minutes = positive('minutes', values.minutes)
const load: PacedLoad = {
  // Every fifth call is a stream of 25 tokens, and every call takes the provider 50 ms.
  ...{ callsPerSecond: positive('rps', values.rps), mostOpen: 1_000, streamEvery: 5, tokens: 25, everyMs: 2 },
  ...{ rampSeconds: 0, seconds: minutes * 60 },
}
const READINGS = 30
const everyMs = Math.max(2_000, (minutes * 60_000) / READINGS)
/** Idle connections to a provider are closed by then. */
const QUIET_SECONDS = 20

const cores = pinning()
const harness = await startPacedHarness(cores?.harness)
const node = [...ASKABLE, '--expose-gc']
const site = { upstreamUrl: harness.upstreamUrl, core: cores?.proxy, node }
const server = started(await startTokenTrackr(site, tmpdir()))
try {
  console.log(`${describeMachine()}; ${load.callsPerSecond} calls/s for ${minutes} minutes`)
  await loadPaced(harness, server, WARM_UP)
  const before = await quiet(server, () => false)
  const { readings, result } = await soak(server)
  const after = await quiet(server, (reading) => notBack(before, reading).length === 0)
  await server.checkBooks(server.calls, server.tokens)
  const all = [before, ...readings, after]
  console.log(table(['minute', 'RSS MiB', 'heap MiB', 'external MiB', 'descriptors', 'handles'], all.map(cells)))
  const { calls, errors, firstErrors, first } = result
  const [p50, p99] = [first.p50Us, first.p99Us].map((us) => (us / 1000).toFixed(2))
  console.log(
    `\n${whole(calls)} calls, overhead ${p50} ms (p50), ${p99} ms (p99); ${errors} errors; the ledger is exact`,
  )
  for (const error of firstErrors) console.log(error)
  const verdict = verdictOf({ before, readings, after })
  console.log(verdict.lines.join('\n'))
  if (verdict.failed || errors > 0) process.exitCode = 1
  console.log(`\n${JSON.stringify({ minutes, load, result, before, readings, after })}`)
} finally {
  await server.stop()
  await harness.stop()
}

async function read({ child }: PacedRunning, minute: number): Promise<Reading> {
  const { heapBytes, externalBytes, handles } = await askInside(child!)
  const descriptors = countDescriptors(child?.pid)
  return { minute, rssMiB: readProcess(child?.pid).rssMiB, heapBytes, externalBytes, descriptors, handles }
}

/** Waits without a load until all is as it should be, or has had the time to be. */
async function quiet(running: PacedRunning, enough: (reading: Reading) => boolean): Promise<Reading> {
  let reading = await read(running, Number.NaN)
  for (let second = 0; second < QUIET_SECONDS && !enough(reading); second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    reading = await read(running, Number.NaN)
  }
  return reading
}

async function soak(running: PacedRunning) {
  const readings: Reading[] = []
  const startMs = performance.now()
  const loading = loadPaced(harness, running, load)
  const ended = loading.then(() => 'ended' as const)
  for (;;) {
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise<'time'>((resolve) => (timer = setTimeout(resolve, everyMs, 'time')))
    if ((await Promise.race([ended, waited])) === 'ended') {
      clearTimeout(timer)
      return { readings, result: await loading }
    }
    const reading = await read(running, (performance.now() - startMs) / 60_000)
    readings.push(reading)
    process.stderr.write(`${cells(reading).join('  ')}\n`)
  }
}

function cells({ minute, rssMiB, heapBytes, externalBytes, descriptors, handles }: Reading): string[] {
  const sockets = Object.entries(handles).map(([name, count]) => `${name} ${count}`)
  const mebibytes = [rssMiB, heapBytes / 2 ** 20, externalBytes / 2 ** 20].map((figure) => figure.toFixed(1))
  return [Number.isNaN(minute) ? 'quiet' : minute.toFixed(1), ...mebibytes, String(descriptors), sockets.join(', ')]
}
