import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { TOTAL_TOKENS } from './call.ts'
import { startTokenTrackr } from './contenders.ts'
import { type Costs, costsOf, type CpuProfile } from './cpu-profile.ts'
import { percent, table, whole } from './figures.ts'
import { describeMachine, pinning, syncMs } from './machine.ts'
import { file, firstLine, type Harness, startHarness } from './processes.ts'
import { PATH, warmUp } from './warm-up.ts'

/** `npm run profile -- [--connections 32] [--seconds 5] [--top 30] [--keep <folder for the .cpuprofile files>]` */

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '5' },
    top: { type: 'string', default: '30' },
    keep: { type: 'string' },
  },
})
const connections = Number(values.connections)
const seconds = Number(values.seconds)
const top = Number(values.top)

interface Profiled {
  readonly calls: number
  readonly callsPerSecond: number
  readonly plainCallsPerSecond: number
  readonly commits: number
  /** Of all commits together, in the statement that flushes. */
  readonly commitMs: number
  readonly costs: Costs
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'token-trackr-profile-'))
const shared = await startHarness(pinning()?.harness)
try {
  const onDisk = await profiled(shared, 'disk', tmpdir())
  const inMemory = await profiled(shared, 'tmpfs', '/dev/shm')
  print(onDisk, inMemory)
} finally {
  await shared.stop()
  if (values.keep === undefined) rmSync(folder, { recursive: true })
}

/** Loads a fresh server first without the profiler and then with it. */
async function profiled(harness: Harness, name: string, dataFolder: string): Promise<Profiled> {
  const path = join(folder, `${name}.cpuprofile`)
  const preload = pathToFileURL(file('profiler.mjs'))
  preload.searchParams.set('to', path)
  const site = { upstreamUrl: harness.upstreamUrl, core: pinning()?.proxy, node: ['--import', preload.href] }
  const server = await startTokenTrackr(site, dataFolder)
  try {
    const order = { port: server.port, headers: server.headers, path: PATH, connections }
    const warmUpCalls = await warmUp(harness, server)
    const plain = await harness.load({ ...order, seconds })
    await toggle(server.child, 'profiling')
    const measured = await harness.load({ ...order, seconds })
    const { commits = 0, commitMs = 0 } = await toggle(server.child, 'profiled')
    const calls = warmUpCalls + plain.calls + measured.calls
    await server.checkBooks(calls, calls * TOTAL_TOKENS)
    return {
      calls: measured.calls,
      callsPerSecond: measured.timed / seconds,
      plainCallsPerSecond: plain.timed / seconds,
      commits,
      commitMs,
      costs: costsOf(JSON.parse(readFileSync(path, 'utf8')) as CpuProfile),
    }
  } finally {
    await server.stop()
  }
}

interface Told {
  readonly event: string
  readonly commits?: number
  readonly commitMs?: number
}

/** Starts or ends the profile; see profiler.mjs. */
async function toggle(child: Parameters<typeof firstLine>[0], event: string): Promise<Told> {
  const told = firstLine(child, (line) => (line.startsWith(`{"event":"${event}"`) ? JSON.parse(line) : undefined))
  child.kill('SIGUSR2')
  return told
}

function print(onDisk: Profiled, inMemory: Profiled): void {
  console.log(`${describeMachine()}; making 4 KiB durable takes ${syncMs(tmpdir()).toFixed(2)} ms here`)
  for (const [name, run] of [
    ['disk', onDisk],
    ['/dev/shm', inMemory],
  ] as const) {
    const rates = `${whole(run.plainCallsPerSecond)} calls/s, under the profiler ${whole(run.callsPerSecond)}`
    const plans = ((2 * run.calls) / run.commits).toFixed(1)
    const flush = (run.commitMs / run.commits).toFixed(3)
    console.log(`${name}, ${connections} connections: ${rates}; ${plans} plans a commit, whose flush takes ${flush} ms`)
  }
  const perCall = (run: Profiled, us: number | undefined) => ((us ?? 0) / run.calls).toFixed(1)
  const rooms = largest(onDisk.costs.rooms).map(([room, us]) => [
    room,
    perCall(onDisk, us),
    percent(us / onDisk.costs.totalUs),
    perCall(inMemory, inMemory.costs.rooms.get(room)),
  ])
  console.log(`\nOwn time by room, µs a call\n${table(['room', 'disk', 'share', '/dev/shm'], rooms)}`)
  const functions = (sums: ReadonlyMap<string, number>) =>
    table(
      ['function', 'µs/call', 'share'],
      largest(sums)
        .slice(0, top)
        .map(([name, us]) => [name, perCall(onDisk, us), percent(us / onDisk.costs.totalUs)]),
    )
  console.log(`\nOwn time by function, on disk\n${functions(onDisk.costs.selfUs)}`)
  console.log(`\nTime of our functions with all they call, on disk\n${functions(onDisk.costs.inclusiveUs)}`)
}

function largest(sums: ReadonlyMap<string, number>): [string, number][] {
  return [...sums].toSorted(([, a], [, b]) => b - a)
}
