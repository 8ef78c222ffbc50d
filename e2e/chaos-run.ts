import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type ChaosCall, chaosCall, type ChaosSeen } from './chaos-clients.ts'
import { BEHAVIOUR_NAMES, type ChaosProvider, startChaosProvider } from './chaos-provider.ts'
import { chaosFaults } from './chaos-faults.ts'
import { type Caller, exceeded, raiseOne, settledIn } from './chaos-limits.ts'
import type { ControlPlane, EntryRow, Json } from './control-plane.ts'
import { type Installation, newInstallation, type Server } from './harness.ts'
import { randomFrom } from './random.ts'
import { pool } from './wire.ts'

export interface ChaosPlan {
  readonly seconds: number
  readonly seed: number
  /** Clients that call one after the other, all at once. */
  readonly lanes: number
}

/** All that is known after a run. */
export interface ChaosRun {
  readonly plan: ChaosPlan
  readonly seen: readonly ChaosSeen[]
  readonly entries: readonly EntryRow[]
  readonly arrivals: ChaosProvider['arrivals']
  /** Memory of all servers together over time, in bytes. */
  readonly memoryBytes: readonly number[]
  /** How often limits were looked at. */
  readonly looks: number
  readonly raises: number
  /** Refusals as the servers count them, by code; undefined where this server does not tell. */
  readonly refusals: Readonly<Record<string, number>> | undefined
  /** Everything that is not as it was promised; empty after a good run. */
  readonly faults: readonly string[]
}

/** The same name for two deployments, so that a call moves on when one fails. */
const PROXY = `
model_list:
  - model_name: chat
    litellm_params: { model: openai/gpt-4o-mini, api_base: "PROVIDER/v1" }
  - model_name: chat
    litellm_params: { model: openai/gpt-4o, api_base: "PROVIDER/v1" }
router_settings: { num_retries: 1, allowed_fails: 5, cooldown_time: 1 }
`
const MODELS = ['gpt-4o-mini', 'chat', 'claude-haiku-4-5', 'claude-sonnet-4-6']
const LOOKS_EVERY_MS = 25
const RAISES_EVERY_MS = 100

/** Runs two servers on one file between clients and a provider that both misbehave, and looks everything over. */
export async function chaosRun(plan: ChaosPlan, tell: (line: string) => void = () => undefined): Promise<ChaosRun> {
  const provider = await startChaosProvider()
  const installation = newInstallation(provider, { LOG_LEVEL: 'warn' }, { 'proxy.yaml': PROXY })
  try {
    return await between(provider, installation, plan, tell)
  } finally {
    await installation.remove()
    await provider.close()
  }
}

async function between(
  provider: ChaosProvider,
  installation: Installation,
  plan: ChaosPlan,
  tell: (line: string) => void,
): Promise<ChaosRun> {
  const servers = [await installation.start(), await installation.start()]
  const control = servers[0]!.control
  const { callers, amounts } = await settledIn(control)
  const faults: string[] = []
  const memoryBytes: number[] = []
  let looks = 0
  let raises = 0
  const calling = new AbortController()

  const watching = (async () => {
    while (!calling.signal.aborted) {
      faults.push(...exceeded((await control.ask('GET', '/api/limits')).body.limits, amounts))
      looks += 1
      await delay(LOOKS_EVERY_MS)
    }
  })()
  const raising = (async () => {
    const random = randomFrom(plan.seed + 1)
    for (; !calling.signal.aborted; raises += 1) {
      await raiseOne(control, amounts, random.below)
      await delay(RAISES_EVERY_MS)
    }
  })()
  const weighing = (async () => {
    while (!calling.signal.aborted) {
      memoryBytes.push(servers.reduce((sum, { pid }) => sum + residentBytes(pid), 0))
      await delay(Math.min(1_000, (plan.seconds * 1_000) / 60))
    }
  })()
  const calls = callsOf(plan, callers, servers, calling.signal, tell).finally(() => calling.abort())
  const [seen] = await Promise.all([calls, watching, raising, weighing]).catch(async (error: unknown) => {
    calling.abort()
    throw await causeOf(servers, error)
  })

  faults.push(...(await stillHeld(control)))
  const entries = (await Promise.all(callers.map(({ userId }) => control.allEntries(userId)))).flat()
  const users = await Promise.all(callers.map(({ userId }) => control.user(userId)))
  const numberOf = await numbersOf(control, entries, seen)
  for (const server of servers) faults.push(...(await endOf(server)))
  const verify = await installation.tt('verify')
  if (verify.code !== 0) faults.push(`verify ended with ${verify.code}: ${verify.output}`)
  const refusals = await refusalsOf(installation)
  faults.push(
    ...chaosFaults({ seen, entries, users, arrivals: provider.arrivals, numberOf, refusals }),
    ...grown(memoryBytes),
  )
  return { plan, seen, entries, arrivals: provider.arrivals, memoryBytes, looks, raises, refusals, faults }
}

/** Where a server has died, what it said tells more than whoever missed it. */
async function causeOf(servers: readonly Server[], error: unknown): Promise<unknown> {
  const deaths = servers.map(async (server) => {
    const { code, signal } = await server.ended
    return new Error(`a server ended with ${code ?? signal}: ${server.output().slice(-2_000)}`)
  })
  return Promise.race([...deaths, delay(1_000, error)])
}

async function callsOf(
  plan: ChaosPlan,
  callers: readonly Caller[],
  servers: readonly Server[],
  ended: AbortSignal,
  tell: (line: string) => void,
) {
  const until = Date.now() + plan.seconds * 1_000
  const seen: ChaosSeen[] = []
  const dispatcher = pool()
  let number = 0
  const telling = setInterval(() => tell(`${seen.length} calls`), 30_000)
  const lanes = Array.from({ length: plan.lanes }, async (_, lane) => {
    const random = randomFrom(plan.seed * 1_000 + lane)
    while (Date.now() < until && !ended.aborted) {
      number += 1
      const one = await chaosCall(chosen(random, number, random.from(callers), random.from(servers).url), dispatcher)
      seen.push(one)
      if (one.answers.at(-1)?.refused) await delay(random.below(50))
    }
  })
  await Promise.all(lanes)
  clearInterval(telling)
  await dispatcher.destroy()
  return seen
}

function chosen(random: ReturnType<typeof randomFrom>, number: number, caller: Caller, url: string): ChaosCall {
  const calm = random.below(3) === 0
  return {
    ...{ number, url, key: caller.key, retries: caller.impatient ? 0 : 1 },
    model: random.from(MODELS),
    behaviour: calm ? 'usual' : random.from(BEHAVIOUR_NAMES),
    client: random.from(['sdk', 'raw']),
    stream: random.below(3) > 0,
    maxTokens: 50 + random.below(200),
    leavesAfterMs: random.below(4) === 0 ? random.below(120) : undefined,
    padding: 'So it is. '.repeat(random.below(30)),
    label: random.from(['red', 'blue']),
  }
}

const PATIENCE_MS = 20_000

/** Waits until nothing is held anywhere, and tells what still is after a while. */
async function stillHeld(control: ControlPlane): Promise<string[]> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const limits = (await control.ask('GET', '/api/limits')).body.limits as Json[]
    const held = limits.filter((limit) => limit.held !== 0)
    if (held.length === 0) return []
    if (Date.now() > until) return held.map((limit) => `still held: ${JSON.stringify(limit)}`)
    await delay(50)
  }
}

/** The number of the client's call that each entry belongs to: by its call's id, else by what the entry says itself. */
async function numbersOf(control: ControlPlane, entries: readonly EntryRow[], seen: readonly ChaosSeen[]) {
  const byCall = new Map(seen.flatMap(({ number, answers }) => answers.map(({ callId }) => [callId, number])))
  const unknown = entries.filter(({ callId }) => !byCall.has(callId))
  const lanes = Array.from({ length: 16 }, async () => {
    for (let entry = unknown.pop(); entry; entry = unknown.pop()) {
      const { audit } = await control.entry(entry.id)
      if (audit.sessionId !== undefined) byCall.set(entry.callId, Number(audit.sessionId))
    }
  })
  await Promise.all(lanes)
  return byCall
}

async function endOf(server: Server): Promise<string[]> {
  const { code } = await server.stop()
  const errors = server
    .output()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"|unhandled|uncaught|^\s+at |Warning:/i.test(line))
  return [...(code === 0 ? [] : [`a server ended with ${code}`]), ...errors.map((line) => `a server said: ${line}`)]
}

/** Asked of a server that was started after all others had ended, and with them all that they had to write. */
async function refusalsOf(installation: Installation): Promise<Record<string, number> | undefined> {
  const server = await installation.start()
  const range = new URLSearchParams({ from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' })
  const { body } = await server.control.ask('GET', `/api/summary?${range}`)
  await server.stop()
  return body.refusals?.byCode
}

function residentBytes(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

const MiB = 1024 * 1024
/** Two processes; V8 takes what it is given before it collects. */
const MAY_GROW_BYTES = 120 * MiB

/** The memory of a warm server against that at the end: medians, since collections come and go. */
export function memoryGrowth(samples: readonly number[]): { readonly warm: number; readonly end: number } {
  const median = (part: readonly number[]) => part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0
  const fifth = Math.floor(samples.length / 5)
  return { warm: median(samples.slice(fifth, 2 * fifth)), end: median(samples.slice(-fifth)) }
}

function grown(samples: readonly number[]): string[] {
  const { warm, end } = memoryGrowth(samples)
  if (end - warm <= MAY_GROW_BYTES) return []
  return [`memory grew from ${Math.round(warm / MiB)} to ${Math.round(end / MiB)} MiB`]
}
