import { availableParallelism, tmpdir } from 'node:os'
import { MODEL, TOTAL_TOKENS } from './call.ts'
import { type Contender, CONTENDERS, opened } from './contenders.ts'
import { type Engine, type EngineName, missing, startEngine } from './databases.ts'
import { type Gateway, newInstallation, startGateway } from './gateways.ts'
import { describeMachine, pinning, readMachine, readProcess, syncMs } from './machine.ts'
import { type Harness, startHarness, stop } from './processes.ts'
import { PATH, warmUp } from './warm-up.ts'

/** What goes through the gateways: calls that are passed on, or events that happened elsewhere. */
export type Work = 'calls' | 'ingest'

export interface EnginePlan {
  readonly engines: readonly EngineName[]
  /** Of PostgreSQL, more than one process on one database, beside one. */
  readonly gateways: number
  readonly rounds: number
  readonly seconds: number
  readonly connections: readonly number[]
  readonly warmSeconds: number
  /** No round begins that would end after it. */
  readonly minutes: number
}

/** One contender under one load in one round. Shares are of one core. */
export interface EngineSample {
  readonly round: number
  readonly contender: string
  readonly work: Work
  readonly connections: number
  readonly callsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  readonly gatewayUsPerCall: number
  readonly databaseUsPerCall: number
  /** Of the busiest of the gateways. */
  readonly gatewayBusy: number
  readonly databaseBusy: number
  readonly harnessBusy: number
  readonly othersBusy: number
  /** Not a number where there is no ledger. */
  readonly plansPerCommit: number
  readonly commitMs: number
  /** The share of the time in which a commit was under way, in a gateway. */
  readonly committing: number
}

export interface EngineComparison {
  readonly machine: string
  readonly cores: number
  readonly diskMs: number
  readonly plan: EnginePlan
  readonly contenders: readonly string[]
  readonly skipped: readonly string[]
  readonly rounds: number
  readonly samples: readonly EngineSample[]
}

interface Running extends Pick<Contender, 'headers' | 'checkAnswer' | 'checkBooks' | 'stop'> {
  readonly name: string
  readonly port: readonly number[]
  readonly pids: readonly (number | undefined)[]
  readonly engine?: Engine
  readonly read: () => Promise<Ledger>
  calls: number
}

/** What the gateways of a ledger have told so far, together. */
interface Ledger {
  readonly commits: number
  readonly plans: number
  readonly commitSeconds: number
}

const INGEST = { path: '/usage', status: 201, body: JSON.stringify(anEvent()) }
const SETTLE_SECONDS = 0.3

function anEvent() {
  return { provider: 'openai', model: MODEL, prompt_tokens: 44, completion_tokens: TOTAL_TOKENS - 44 }
}

/** Runs the engines side by side, one at a time under load; the books of each must be right in the end. */
export async function compareEngines(plan: EnginePlan): Promise<EngineComparison> {
  const startedMs = performance.now()
  const cores = pinning()
  const harness = await startHarness(cores?.harness)
  const running: Running[] = []
  const engines: Engine[] = []
  const skipped: string[] = []
  try {
    for (const name of ['nothing', 'pass-through'] as const) running.push(await startBare(harness, name))
    for (const name of plan.engines) {
      const reason = missing(name)
      if (reason !== undefined) {
        skipped.push(`${name}: ${reason}`)
        continue
      }
      const engine = await startEngine(name)
      engines.push(engine)
      running.push(await startOn(engine, harness, 1))
      if (name === 'postgres' && plan.gateways > 1) running.push(await startOn(engine, harness, plan.gateways))
    }
    for (const one of running) one.calls += await warmUp(harness, one, plan.warmSeconds)
    const { samples, rounds } = await measureRounds(plan, harness, running, startedMs)
    for (const one of running) await one.checkBooks(one.calls, one.calls * TOTAL_TOKENS)
    const contenders = running.map(({ name }) => name)
    return {
      ...{ machine: describeMachine(), cores: availableParallelism(), diskMs: syncMs(tmpdir()) },
      ...{ plan, contenders, skipped, rounds, samples },
    }
  } finally {
    for (const one of running) await one.stop()
    await harness.stop()
    for (const engine of engines) await engine.stop()
  }
}

async function startBare({ upstreamUrl }: Harness, name: 'nothing' | 'pass-through'): Promise<Running> {
  const contender = await CONTENDERS[name]({ upstreamUrl, core: undefined })
  const read = async () => ({ commits: 0, plans: 0, commitSeconds: 0 })
  return { ...contender, name, port: [contender.port], pids: [contender.child?.pid], read, calls: 0 }
}

/** Some gateways on one new database of an engine. They may use any core. */
async function startOn(engine: Engine, { upstreamUrl }: Harness, count: number): Promise<Running> {
  const installation = newInstallation(await engine.newUrl())
  const env = { OPENAI_API_KEY: 'upstream-key', OPENAI_BASE_URL: `${upstreamUrl}/v1` }
  const gateways: Gateway[] = []
  for (let at = 0; at < count; at++) gateways.push(await startGateway(installation, { env }))
  return {
    ...(await opened(installation, gateways[0]!.url)),
    name: count === 1 ? engine.name : `${engine.name}, ${count} gateways`,
    port: gateways.map(({ port }) => port),
    pids: gateways.map(({ child }) => child.pid),
    engine,
    read: () => readLedger(gateways, installation.administrator),
    calls: 0,
    stop: async () => void (await Promise.all(gateways.map(({ child }) => stop(child)))),
  }
}

async function readLedger(gateways: readonly Gateway[], administrator: string | undefined): Promise<Ledger> {
  const texts = await Promise.all(
    gateways.map(async ({ url }) => {
      const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${administrator}` } })
      if (!answer.ok) throw new Error(`GET /metrics: ${answer.status}`)
      return answer.text()
    }),
  )
  const sum = (name: string) =>
    texts.reduce((all, text) => all + Number(new RegExp(`^token_trackr_${name} (\\S+)$`, 'm').exec(text)?.[1]), 0)
  return {
    commits: sum('commit_plans_count'),
    plans: sum('commit_plans_sum'),
    commitSeconds: sum('commit_seconds_sum'),
  }
}

async function measureRounds(
  plan: EnginePlan,
  harness: Harness,
  running: readonly Running[],
  startedMs: number,
): Promise<{ samples: EngineSample[]; rounds: number }> {
  const samples: EngineSample[] = []
  const most = Math.max(...plan.connections)
  const loads = [
    ...plan.connections.map((connections) => ({ work: 'calls' as const, connections })),
    { work: 'ingest' as const, connections: most },
  ]
  let longestMs = 0
  for (let round = 0; round < plan.rounds; round++) {
    const beganMs = performance.now()
    if (round > 0 && beganMs + longestMs > startedMs + plan.minutes * 60_000) return { samples, rounds: round }
    const first = round % running.length
    const turn = [...running.slice(first), ...running.slice(0, first)]
    for (const load of loads)
      for (const one of turn) {
        if (load.work === 'ingest' && one.engine === undefined) continue
        await put(harness, one, { ...load, seconds: SETTLE_SECONDS })
        samples.push({ round, ...(await measure(harness, one, { ...load, seconds: plan.seconds })) })
      }
    longestMs = Math.max(longestMs, performance.now() - beganMs)
    process.stderr.write(`round ${round + 1} of ${plan.rounds}\n`)
  }
  return { samples, rounds: plan.rounds }
}

interface Load {
  readonly work: Work
  readonly connections: number
  readonly seconds: number
}

async function put(harness: Harness, one: Running, { work, connections, seconds }: Load) {
  const { port, headers } = one
  const what = work === 'ingest' ? INGEST : { path: PATH }
  const result = await harness.load({ port, headers, connections, seconds, ...what })
  if (work === 'calls') one.checkAnswer(result.body)
  else if (!result.body.includes('"duplicate":false')) throw new Error(`Not an event that is new: ${result.body}`)
  one.calls += result.calls
  return result
}

async function measure(harness: Harness, one: Running, load: Load): Promise<Omit<EngineSample, 'round'>> {
  const ledgerBefore = await one.read()
  const before = used(harness, one)
  const startMs = performance.now()
  const { timed, calls, p50Us, p99Us } = await put(harness, one, load)
  const after = used(harness, one)
  const seconds = (performance.now() - startMs) / 1000
  const ledger = await one.read()
  const commits = ledger.commits - ledgerBefore.commits
  const commitSeconds = ledger.commitSeconds - ledgerBefore.commitSeconds
  const gateways = after.gateways.map((each, at) => each - before.gateways[at]!)
  const gatewaySeconds = gateways.reduce((sum, each) => sum + each, 0)
  const databaseSeconds = after.database - before.database
  return {
    ...{ contender: one.name, work: load.work, connections: load.connections, p50Us, p99Us },
    callsPerSecond: timed / load.seconds,
    gatewayUsPerCall: (gatewaySeconds / calls) * 1e6,
    databaseUsPerCall: (databaseSeconds / calls) * 1e6,
    gatewayBusy: Math.max(...gateways) / seconds,
    databaseBusy: databaseSeconds / seconds,
    harnessBusy: (after.harness - before.harness) / seconds,
    othersBusy:
      Math.max(0, after.all - before.all - gatewaySeconds - databaseSeconds - (after.harness - before.harness)) /
      seconds,
    plansPerCommit: (ledger.plans - ledgerBefore.plans) / commits,
    commitMs: (commitSeconds / commits) * 1000,
    committing: commitSeconds / seconds / one.port.length,
  }
}

/** Seconds of processor time so far. */
function used({ pids }: Harness, one: Running) {
  const { busySeconds, stolenSeconds } = readMachine()
  return {
    harness: pids.reduce((sum, pid) => sum + readProcess(pid).cpuSeconds, 0),
    gateways: one.pids.map((pid) => (pid === undefined ? 0 : readProcess(pid).cpuSeconds)),
    database: one.engine?.usedSeconds() ?? 0,
    all: busySeconds + stolenSeconds,
  }
}
