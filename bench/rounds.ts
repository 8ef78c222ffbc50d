import { tmpdir } from 'node:os'
import { TOTAL_TOKENS } from './call.ts'
import { type Contender, type ContenderName, CONTENDERS } from './contenders.ts'
import { describeMachine, pinning, type ProcessReading, readMachine, readProcess, syncMs } from './machine.ts'
import { type Harness, startHarness } from './processes.ts'
import { type Flushes, slowSync } from './slow-sync.ts'
import { PATH, warmUp } from './warm-up.ts'

export interface Plan {
  readonly contenders: readonly ContenderName[]
  readonly rounds: number
  /** Of each measurement. */
  readonly seconds: number
  readonly connections: readonly number[]
  /** Undefined leaves the disk as it is. */
  readonly syncMs: number | undefined
}

/** One contender under one load in one round. */
export interface Sample {
  readonly round: number
  readonly contender: ContenderName
  readonly connections: number
  readonly callsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** Processor time of the proxy for one call: unlike the rate, a busy machine hardly moves it. */
  readonly proxyUsPerCall: number
  /** Shares of one core, while the load ran. */
  readonly proxyBusy: number
  readonly harnessBusy: number
  /** By processes that have no part in this, and by the hypervisor. */
  readonly othersBusy: number
}

export interface Comparison extends Plan {
  readonly machine: string
  readonly pinned: boolean
  /** What the disk that the ledger lies on takes for 4 KiB. */
  readonly diskMs: number
  /** What the proxies' flushes took, where they were made slow. */
  readonly slowed: Flushes | undefined
  readonly samples: readonly Sample[]
  readonly memory: readonly {
    readonly contender: ContenderName
    readonly warm: ProcessReading
    readonly end: ProcessReading
  }[]
  readonly calls: Readonly<Partial<Record<ContenderName, number>>>
}

/** Lets connections open and buffers grow, before each measurement. */
const SETTLE_SECONDS = 0.3

interface Running extends Contender {
  readonly name: ContenderName
  calls: number
}

/**
 * Runs all contenders side by side, one at a time under load, and checks that each answer was right and that each
 * contender's books are.
 */
export async function compare(plan: Plan): Promise<Comparison> {
  const cores = pinning()
  const machine = describeMachine()
  const slow = slowSync(plan.syncMs)
  const harness = await startHarness(cores?.harness)
  const running: Running[] = []
  const stop = () => Promise.all(running.map((contender) => contender.stop()))
  try {
    for (const name of plan.contenders) {
      const contender = await CONTENDERS[name]({
        ...(slow && { env: slow.env }),
        ...{ upstreamUrl: harness.upstreamUrl, core: cores?.proxy },
      })
      running.push({ ...contender, name, calls: 0 })
    }
    for (const contender of running) contender.calls += await warmUp(harness, contender)
    const warm = running.map(({ child }) => readProcess(child?.pid))
    const samples = await measureRounds(plan, harness, running)
    const memory = running.flatMap(({ name, child }, index) =>
      child === undefined ? [] : [{ contender: name, warm: warm[index]!, end: readProcess(child.pid) }],
    )
    for (const contender of running) await contender.checkBooks(contender.calls, contender.calls * TOTAL_TOKENS)
    const calls = Object.fromEntries(running.map((contender) => [contender.name, contender.calls]))
    // They tell of their flushes when they stop.
    await stop()
    const disk = { diskMs: syncMs(tmpdir()), slowed: slow?.told() }
    return { ...plan, ...disk, machine, pinned: cores !== undefined, samples, memory, calls }
  } finally {
    await stop()
    await harness.stop()
  }
}

async function measureRounds(plan: Plan, harness: Harness, running: readonly Running[]): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let round = 0; round < plan.rounds; round++) {
    // Each round begins with another contender, so that none always follows the same neighbour.
    const first = round % running.length
    const turn = [...running.slice(first), ...running.slice(0, first)]
    for (const connections of plan.connections) {
      for (const contender of turn) {
        await load(harness, contender, { connections, seconds: SETTLE_SECONDS })
        samples.push({ round, ...(await measure(harness, contender, { connections, seconds: plan.seconds })) })
      }
    }
    process.stderr.write(`round ${round + 1} of ${plan.rounds}\n`)
  }
  return samples
}

interface Load {
  readonly connections: number
  readonly seconds: number
}

async function load(harness: Harness, contender: Running, { connections, seconds }: Load) {
  const { port, headers } = contender
  const result = await harness.load({ port, headers, path: PATH, connections, seconds })
  contender.checkAnswer(result.body)
  contender.calls += result.calls
  return result
}

async function measure(harness: Harness, contender: Running, order: Load): Promise<Omit<Sample, 'round'>> {
  const before = usedSeconds(harness, contender)
  const startMs = performance.now()
  const { timed, calls, p50Us, p99Us } = await load(harness, contender, order)
  const after = usedSeconds(harness, contender)
  const elapsedSeconds = (performance.now() - startMs) / 1000
  return {
    contender: contender.name,
    connections: order.connections,
    callsPerSecond: timed / order.seconds,
    p50Us,
    p99Us,
    proxyUsPerCall: ((after.proxy - before.proxy) / calls) * 1e6,
    proxyBusy: (after.proxy - before.proxy) / elapsedSeconds,
    harnessBusy: (after.harness - before.harness) / elapsedSeconds,
    othersBusy: Math.max(0, after.others - before.others) / elapsedSeconds,
  }
}

/** Seconds of processor time so far, of the harness, of a proxy and of everything else on the machine. */
export function usedSeconds({ pids }: Pick<Harness, 'pids'>, { child }: Pick<Contender, 'child'>) {
  const used = pids.reduce((sum, each) => sum + readProcess(each).cpuSeconds, 0)
  const proxy = child === undefined ? 0 : readProcess(child.pid).cpuSeconds
  const { busySeconds, stolenSeconds } = readMachine()
  return { harness: used, proxy, others: busySeconds - used - proxy + stolenSeconds }
}
