import type { Deployment, DeploymentHealth } from '../core/ports/deployment.ts'

/** Remembers failures, so that a deployment that is down is not asked first by every call. */
export interface Health {
  /** The candidates in the order in which to try them: as configured, but those that cool down last. */
  inOrder<D extends Deployment>(candidates: readonly D[]): readonly D[]
  succeeded(deployment: Deployment, firstByteMs: number | null): void
  /** `retryAfterMs`: how long the provider itself asked to be left alone. */
  failed(deployment: Deployment, reason: string, retryAfterMs: number | undefined): void
  all(): readonly DeploymentHealth[]
}

export interface CoolDown {
  /** So many failures without a success in between cool a deployment down; at once where it names a time itself. */
  readonly allowedFailures: number
  readonly coolDownMs: number
}
/** No provider decides that we do not ask it for longer than this. */
const LONGEST_COOL_DOWN_MS = 5 * 60_000
const FIRST_BYTES_KEPT = 64

interface Kept {
  readonly deployment: Deployment
  attempts: number
  failures: number
  failuresInARow: number
  coolsUntilMs: number
  lastFailure: DeploymentHealth['lastFailure']
  firstBytesMs: number[]
}

export function health({ allowedFailures, coolDownMs }: CoolDown, nowMs: () => number): Health {
  const kept = new Map<string, Kept>()

  function keep(deployment: Deployment): Kept {
    const there = kept.get(deployment.name)
    if (there) return there
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!)
    const fresh = { attempts: 0, failures: 0, failuresInARow: 0, coolsUntilMs: 0, lastFailure: null, firstBytesMs: [] }
    const made: Kept = { deployment, ...fresh }
    kept.set(deployment.name, made)
    return made
  }
  const cools = (deployment: Deployment) => (kept.get(deployment.name)?.coolsUntilMs ?? 0) > nowMs()

  return {
    inOrder(candidates) {
      if (candidates.length < 2) return candidates
      return [...candidates.filter((one) => !cools(one)), ...candidates.filter(cools)]
    },
    succeeded(deployment, firstByteMs) {
      const one = keep(deployment)
      one.attempts++
      one.failuresInARow = 0
      one.coolsUntilMs = 0
      if (firstByteMs !== null) one.firstBytesMs = [...one.firstBytesMs.slice(1 - FIRST_BYTES_KEPT), firstByteMs]
    },
    failed(deployment, reason, retryAfterMs) {
      const one = keep(deployment)
      one.attempts++
      one.failures++
      one.failuresInARow++
      one.lastFailure = { atMs: nowMs(), reason }
      if (retryAfterMs === undefined && one.failuresInARow < allowedFailures) return
      one.coolsUntilMs = nowMs() + Math.min(LONGEST_COOL_DOWN_MS, retryAfterMs ?? coolDownMs)
    },
    all: () => [...kept.values()].map((one) => healthOf(one, nowMs())),
  }
}
/** Hosts that serve any model make deployments of names that clients choose. */
const MOST_KEPT = 1_000

function healthOf(one: Kept, nowMs: number): DeploymentHealth {
  const { name, provider, model, format } = one.deployment
  const cooling = one.coolsUntilMs > nowMs
  return {
    name,
    provider,
    model,
    format,
    state: cooling ? 'cooling' : 'ok',
    coolsUntilMs: cooling ? one.coolsUntilMs : null,
    attempts: one.attempts,
    failures: one.failures,
    lastFailure: one.lastFailure,
    medianFirstByteMs: median(one.firstBytesMs),
  }
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
}
