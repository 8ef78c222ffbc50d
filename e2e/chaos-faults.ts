import type { Arrival } from './chaos-provider.ts'
import type { ChaosSeen } from './chaos-clients.ts'
import type { EntryRow, UserRow } from './control-plane.ts'

interface Evidence {
  readonly seen: readonly ChaosSeen[]
  readonly entries: readonly EntryRow[]
  readonly users: readonly UserRow[]
  readonly arrivals: ReadonlyMap<number, readonly Arrival[]>
  /** The number of the client's call, by the server's id of it. */
  readonly numberOf: ReadonlyMap<string, number>
  readonly refusals: Readonly<Record<string, number>> | undefined
}

/** Compares what clients saw, what the provider served and what the ledger says. */
export function chaosFaults(evidence: Evidence): string[] {
  const { seen, entries, users, arrivals, numberOf, refusals } = evidence
  const byNumber = Map.groupBy(entries, ({ callId }) => numberOf.get(callId) ?? 0)
  const faults = (byNumber.get(0) ?? []).map(({ id }) => `entry ${id} belongs to no call`)
  for (const one of seen) faults.push(...faultsOf(one, byNumber.get(one.number) ?? [], arrivals.get(one.number) ?? []))
  for (const { userId, tokenUsage } of users) {
    const booked = entries.filter((entry) => entry.userId === userId)
    const sum = booked.reduce((tokens, { totalTokens }) => tokens + (totalTokens ?? 0), 0)
    if (sum !== tokenUsage) faults.push(`${userId} used ${tokenUsage} tokens, and its entries say ${sum}`)
  }
  return [...faults, ...refusalFaults(seen, refusals)]
}

/** One call, all its attempts, the latest first, and all of them that the provider saw. */
function faultsOf(one: ChaosSeen, entries: Evidence['entries'], arrivals: readonly Arrival[]): string[] {
  const faults: string[] = []
  const fault = (text: string) =>
    faults.push(`call ${one.number} (${one.outcome}): ${text} ${JSON.stringify({ arrivals, entries, one })}`)
  if (one.hung) fault('hung')
  if (arrivals.length > entries.length) fault(`${arrivals.length} came to the provider, ${entries.length} are booked`)
  const attempts = new Set(entries.map(({ callId, attempt }) => `${callId} ${attempt}`))
  if (attempts.size < entries.length) fault('an attempt is booked twice')
  // What never came to the provider was given up before, or broke on the way.
  const completed = entries.filter(({ outcome }) => outcome === 'completed')
  const whole = arrivals.filter(({ whole: all, status }) => all && status === 200)
  if (completed.length > whole.length) fault(`${completed.length} are booked as complete`)
  const usages = arrivals.flatMap(({ usage }) => (usage ? [usage.input + usage.output] : []))
  for (const { evidence, totalTokens } of completed)
    if (evidence === 'reported' && !usages.includes(totalTokens ?? -1)) fault(`booked as ${totalTokens}`)
  if (one.complete) {
    const entry = entries.find(({ callId }) => callId === one.answers.at(-1)?.callId)
    const told = one.totalTokens ?? arrivals.findLast(({ usage }) => usage)?.usage
    const tokens = typeof told === 'object' ? told.input + told.output : told
    if (entry?.outcome !== 'completed' || entry.evidence !== 'reported' || entry.totalTokens !== tokens)
      fault(`the client saw all of it, with ${tokens} tokens`)
  }
  const last = arrivals.at(-1)
  if (last?.whole && last.usage && !one.left && !one.complete && last.status === 200)
    fault('answered in full, and the client did not get it')
  return faults
}

/** Every refusal that a client saw is counted; those that nobody waited for may be, too. */
function refusalFaults(seen: readonly ChaosSeen[], refusals: Evidence['refusals']): string[] {
  if (!refusals) return []
  const refused = seen.flatMap(({ answers }) => answers.filter((answer) => answer.refused)).length
  const unseen = seen.filter(({ left }) => left).length
  const counted = (refusals['limit_reached'] ?? 0) + (refusals['rate_limited'] ?? 0)
  if (refused <= counted && counted <= refused + unseen) return []
  return [`${refused} refusals were seen, ${unseen} calls were left, and ${counted} are counted`]
}
