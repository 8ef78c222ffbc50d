import { setTimeout as delay } from 'node:timers/promises'
import { answerBytes, headersOf } from './answers.ts'
import type { EntryRow } from './control-plane.ts'
import type { FakeProvider, Script } from './fake-provider.ts'
import type { Installation } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall, pool, type WireAnswer } from './wire.ts'

/** Short, so that a dead writer's holds are ended soon after the next start. */
export const SHORT_LEASE = { TOKEN_TRACKR_LEASE_MS: '1000' }

/** What a client knows of its call: that it saw the whole answer, or that it did not. */
export interface Seen {
  readonly callId: string | undefined
  readonly complete: boolean
}

/** The calls of one user in one life of a server. */
export interface Run {
  readonly userId: string
  readonly seen: readonly Seen[]
  /** How many of them reached the provider. */
  readonly received: number
}

export interface Round {
  readonly calls: number
  readonly complete: number
  readonly received: number
  readonly entries: number
  /** Everything that is not as promised; empty after a good round. */
  readonly faults: readonly string[]
}

/** Sends frames with random pauses, so that a kill may come between any two of them. */
export function dripping(below: (limit: number) => number): Script {
  return async (exchange) => {
    exchange.response.writeHead(200, headersOf(exchange.received))
    for (const frame of answerBytes(exchange.received)) {
      await exchange.write(frame)
      await delay(below(12))
    }
    exchange.response.end()
  }
}

/** One call, of which only the call's id and its completeness are kept; a server that dies under it is no error. */
export async function watchedCall(url: string, key: string, stream: boolean, messages: boolean): Promise<Seen> {
  const dispatcher = pool()
  try {
    const body = messages ? messagesCall({ stream }) : chatCall({ stream })
    const answer = await call(url, messages ? MESSAGES : CHAT, key, body, { dispatcher })
    return { callId: answer.headers['x-token-trackr-call-id'] as string, complete: isComplete(answer) }
  } catch {
    return { callId: undefined, complete: false }
  } finally {
    await dispatcher.destroy()
  }
}

function isComplete({ status, bytes, broken }: WireAnswer): boolean {
  if (status !== 200) return false
  const text = bytes.toString()
  if (text.startsWith('{')) return !broken && text.endsWith('}')
  return text.includes('data: [DONE]\n\n') || text.includes('event: message_stop\n')
}

/** 20 calls, most of them streams; the server is killed at a random moment under them; then everything is looked over. */
export async function killRound(installation: Installation, provider: FakeProvider, seed: number): Promise<Round> {
  const random = randomFrom(seed)
  provider.forget()
  provider.always(dripping(random.below))
  const server = await installation.start(SHORT_LEASE)
  const { userId, key } = await server.control.newUser(null, `round-${seed}`)
  const calls = Array.from({ length: 20 }, async (_, index) => {
    await delay(random.below(60))
    return watchedCall(server.url, key, index % 4 !== 0, index % 2 === 0)
  })
  // On a slow machine too, some calls are under way by then.
  const underWay = random.below(20)
  await Promise.race([provider.until(() => provider.received.length > underWay), Promise.all(calls)])
  await delay(random.below(120))
  await server.kill()
  const seen = await Promise.all(calls)
  return lookedOver(installation, [{ userId, seen, received: provider.received.length }])
}

/** Starts the server anew, waits until it has ended every hold, and tells what is not as it was promised. */
export async function lookedOver(installation: Installation, runs: readonly Run[]): Promise<Round> {
  const server = await installation.start(SHORT_LEASE)
  const faults: string[] = []
  let entries = 0
  for (const run of runs) {
    await server.control.idle(run.userId)
    const booked = await server.control.allEntries(run.userId)
    entries += booked.length
    faults.push(...faultsOf(run, booked))
  }
  await server.stop()
  const verify = await installation.tt('verify')
  if (verify.code !== 0) faults.push(`verify ended with ${verify.code}: ${verify.output}`)
  const seen = runs.flatMap((run) => run.seen)
  const received = runs.reduce((sum, run) => sum + run.received, 0)
  return { calls: seen.length, complete: seen.filter((one) => one.complete).length, received, entries, faults }
}

function faultsOf({ userId, seen, received }: Run, entries: readonly EntryRow[]): string[] {
  const faults: string[] = []
  const byCall = Map.groupBy(entries, ({ callId }) => callId)
  for (const [callId, attempts] of byCall)
    if (attempts.length > 1) faults.push(`call ${callId} of ${userId} has ${attempts.length} entries`)
  for (const { callId, complete } of seen)
    if (complete) faults.push(...faultsOfComplete(callId, byCall.get(callId ?? '') ?? []))
  if (entries.length < received)
    faults.push(`${received} calls of ${userId} reached the provider, and ${entries.length} are booked`)
  if (entries.length > seen.length) faults.push(`${userId} made ${seen.length} calls, and ${entries.length} are booked`)
  return faults
}

function faultsOfComplete(callId: string | undefined, [entry]: readonly EntryRow[]): string[] {
  if (!entry) return [`the client saw all of call ${callId}, and it is not booked`]
  const { ending, outcome, evidence } = entry
  if (ending === 'settled' && outcome === 'completed' && evidence === 'reported') return []
  return [`the client saw all of call ${callId}, and it is booked as ${ending}, ${outcome}, ${evidence}`]
}
