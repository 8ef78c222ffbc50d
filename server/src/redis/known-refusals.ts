import { createHash } from 'node:crypto'
import { type FullMinute, fullMinuteOf, minutesOf, refusalBy } from '../core/full-minute.ts'
import type { KnownRefusals } from '../core/ports/known-refusals.ts'
import type { Connection } from './connection.ts'
import { FIELDS } from './keep-script.ts'

/** A refusal is known for so long: then a call has the store look again, and the limits with it. */
const KNOWN_MS = 1_000
/** No call waits longer for Redis. */
const ASK_WITHIN_MS = 20
/** After an answer that came too late, or none, so long no call asks. */
const SPARED_MS = 1_000
/** Only minutes that were full lately are asked about: other calls do not wait for Redis at all. */
const FULL_LATELY_MS = 65_000
const MOST_FULL = 10_000

export interface CountedRefusals extends KnownRefusals {
  /** How many the store was spared. */
  readonly count: number
}

/**
 * Full minutes in Redis, below a name that nobody else has. Instants are by this process's clock, as those of
 * calls are: Redis's own would be one more that had to agree.
 */
export function knownRefusals(connection: Connection, name: string, nowMs: () => number): CountedRefusals {
  const { client } = connection
  const fullLately = new Map<string, number>()
  let sparedUntil = -Infinity
  let count = 0

  /** Ids name users and labels, which are nobody's business there. */
  const keyOf = (counterId: string) =>
    `${name}:${createHash('sha256').update(name).update(counterId).digest('base64url')}`

  function isFullLately(counterId: string): boolean {
    const until = fullLately.get(counterId)
    if (until === undefined || until > performance.now()) return until !== undefined
    fullLately.delete(counterId)
    return false
  }
  function note(counterId: string): void {
    fullLately.delete(counterId)
    fullLately.set(counterId, performance.now() + FULL_LATELY_MS)
    if (fullLately.size > MOST_FULL) fullLately.delete(fullLately.keys().next().value as string)
  }

  async function ask(counterId: string): Promise<FullMinute | undefined> {
    const [tenantVersion, settled, freesAtMs] = await client.hmGet(keyOf(counterId), FIELDS)
    if (tenantVersion == null || settled == null || freesAtMs == null) return undefined
    return { counterId, tenantVersion: Number(tenantVersion), settled: BigInt(settled), freesAtMs: Number(freesAtMs) }
  }

  return {
    get count() {
      return count
    },
    async of(plan) {
      const adds = minutesOf(plan).filter(({ counterId }) => isFullLately(counterId))
      if (adds.length === 0 || !connection.isReached || performance.now() < sparedUntil) return undefined
      try {
        const minutes = await soon(Promise.all(adds.map(({ counterId }) => ask(counterId))))
        for (const [index, full] of minutes.entries()) {
          const refusal = full && refusalBy(full, adds[index]!, plan, nowMs())
          if (!refusal) continue
          count += 1
          return refusal
        }
        return undefined
      } catch {
        sparedUntil = performance.now() + SPARED_MS
        return undefined
      }
    },
    keep(plan, missed) {
      const full = fullMinuteOf(plan, missed)
      if (!full) return
      note(full.counterId)
      const { tenantVersion, settled, freesAtMs } = full
      const told = [tenantVersion, settled, freesAtMs, KNOWN_MS].map(String)
      // Whatever it fails of, the store goes on to refuse by itself.
      client.keepFullMinute(keyOf(full.counterId), ...told).catch(() => undefined)
    },
  }
}

async function soon<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('late')), ASK_WITHIN_MS)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
