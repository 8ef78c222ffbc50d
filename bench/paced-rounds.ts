import { tmpdir } from 'node:os'
import { type Contender, CONTENDERS } from './contenders.ts'
import { ASKABLE, askInside, type Inside } from './inside.ts'
import { describeMachine, pinning, type ProcessReading, readProcess, syncMs } from './machine.ts'
import { totalTokens } from './paced-call.ts'
import type { PacedOrder, PacedResult } from './paced-load.ts'
import { type Harness, startPacedHarness } from './processes.ts'
import { usedSeconds } from './rounds.ts'
import { type Flushes, slowSync } from './slow-sync.ts'
import { PATH } from './warm-up.ts'

/** Portkey writes streams anew, so what comes out of it cannot be checked byte for byte. */
const { portkey: _portkey, ...PACED } = CONTENDERS
export const PACED_CONTENDERS = PACED
export type PacedName = keyof typeof PACED_CONTENDERS

export type PacedLoad = Omit<PacedOrder, 'port' | 'path' | 'headers'>

export interface PacedPlan {
  readonly contenders: readonly PacedName[]
  readonly rounds: number
  readonly load: PacedLoad
  /** Undefined leaves the disk as it is. */
  readonly syncMs: number | undefined
}

/** One contender in one round. */
export interface PacedSample extends PacedResult {
  readonly round: number
  readonly contender: PacedName
  /** Processor time of the proxy in the window. */
  readonly proxySeconds: number
  /** Shares of one core, in the window. */
  readonly proxyBusy: number
  readonly harnessBusy: number
  readonly othersBusy: number
  /** Of the proxy in the window. */
  readonly inside: Inside | undefined
  readonly rssMiB: number
}

export interface PacedComparison extends PacedPlan {
  readonly machine: string
  readonly pinned: boolean
  readonly diskMs: number
  readonly slowed: Flushes | undefined
  readonly samples: readonly PacedSample[]
  readonly totals: readonly PacedTotal[]
}

/** One contender over the whole run. */
export interface PacedTotal {
  readonly contender: PacedName
  readonly calls: number
  readonly errors: number
  readonly firstErrors: readonly string[]
  /** Not a number for the way without a proxy. */
  readonly warmRssMiB: number
  readonly peakRssMiB: number
  /** What is wrong with its books, where calls failed or some were lost. */
  readonly booksProblem: string | undefined
}

export interface PacedRunning extends Contender {
  calls: number
  tokens: number
  errors: number
  firstErrors: string[]
}

interface Named extends PacedRunning {
  readonly name: PacedName
}

/** Short streams as fast as they come, so that both a call and a frame are compiled code before anything is measured. */
export const WARM_UP: PacedLoad = {
  ...{ callsPerSecond: 2000, mostOpen: 64, streamEvery: 2, tokens: 10, everyMs: 2 },
  ...{ rampSeconds: 0, seconds: 10 },
}

/** Runs all contenders side by side, one at a time under load; every answer is checked, and in the end their books. */
export async function comparePaced(plan: PacedPlan): Promise<PacedComparison> {
  const cores = pinning()
  const machine = describeMachine()
  const slow = slowSync(plan.syncMs)
  const harness = await startPacedHarness(cores?.harness)
  const running: Named[] = []
  const stop = () => Promise.all(running.map((contender) => contender.stop()))
  try {
    for (const name of plan.contenders) {
      const site = {
        upstreamUrl: harness.upstreamUrl,
        core: cores?.proxy,
        node: ASKABLE,
        ...(slow && { env: slow.env }),
      }
      running.push({ ...started(await PACED_CONTENDERS[name](site)), name })
    }
    for (const contender of running) await loadPaced(harness, contender, WARM_UP)
    const warm = running.map(({ child }) => readProcess(child?.pid))
    const samples: PacedSample[] = []
    for (let round = 0; round < plan.rounds; round++) {
      const first = round % running.length
      for (const contender of [...running.slice(first), ...running.slice(0, first)])
        samples.push({ round, ...(await measure(harness, contender, plan.load)) })
      process.stderr.write(`round ${round + 1} of ${plan.rounds}\n`)
    }
    const totals: PacedTotal[] = []
    for (const [index, contender] of running.entries()) totals.push(await totalOf(contender, warm[index]!))
    await stop()
    const disk = { diskMs: syncMs(tmpdir()), slowed: slow?.told() }
    return { ...plan, ...disk, machine, pinned: cores !== undefined, samples, totals }
  } finally {
    await stop()
    await harness.stop()
  }
}

export function started(contender: Contender): PacedRunning {
  return { ...contender, calls: 0, tokens: 0, errors: 0, firstErrors: [] }
}

/** Puts a load on a contender and counts what its books should say of it. */
export async function loadPaced(
  harness: Harness<PacedOrder, PacedResult>,
  contender: PacedRunning,
  load: PacedLoad,
  phase?: (phase: 'measuring' | 'measured') => void,
): Promise<PacedResult> {
  const { port, headers } = contender
  const result = await harness.load({ ...load, port, headers, path: PATH }, phase)
  contender.calls += result.calls
  contender.tokens += result.calls * totalTokens(load.tokens)
  contender.errors += result.errors
  contender.firstErrors.push(...result.firstErrors)
  return result
}

async function measure(
  harness: Harness<PacedOrder, PacedResult>,
  contender: Named,
  load: PacedLoad,
): Promise<Omit<PacedSample, 'round'>> {
  const look = async () => ({
    ...{
      used: usedSeconds(harness, contender),
      atMs: performance.now(),
      rss: readProcess(contender.child?.pid).rssMiB,
    },
    inside: await (contender.child && askInside(contender.child)),
  })
  let before: ReturnType<typeof look> | undefined
  let after: ReturnType<typeof look> | undefined
  const result = await loadPaced(harness, contender, load, (phase) => {
    if (phase === 'measuring') before = look()
    else after = look()
  })
  const [begin, end] = await Promise.all([before!, after!])
  const elapsedSeconds = (end.atMs - begin.atMs) / 1000
  const proxySeconds = end.used.proxy - begin.used.proxy
  return {
    ...result,
    contender: contender.name,
    proxySeconds,
    proxyBusy: proxySeconds / elapsedSeconds,
    harnessBusy: (end.used.harness - begin.used.harness) / elapsedSeconds,
    othersBusy: Math.max(0, end.used.others - begin.used.others) / elapsedSeconds,
    inside: end.inside,
    rssMiB: end.rss,
  }
}

async function totalOf(contender: Named, warm: ProcessReading): Promise<PacedTotal> {
  const { name, calls, tokens, errors, firstErrors, child } = contender
  const { peakRssMiB } = readProcess(child?.pid)
  const booksProblem = await contender.checkBooks(calls, tokens).then(
    () => undefined,
    (error: Error) => error.message,
  )
  return {
    ...{ contender: name, calls, errors, firstErrors: firstErrors.slice(0, 5), booksProblem },
    ...{ warmRssMiB: warm.rssMiB, peakRssMiB },
  }
}
