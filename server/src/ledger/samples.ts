import { MOST_SAMPLES_PER_QUARTER, type Refusal } from '../core/refusal.ts'

/** Of what was refused between two writes, some with their reasons. */
export interface Samples {
  add(refusal: Refusal): void
  /** The first of each reason come first: a store that is nearly full takes in no more than those. */
  kept(): Refusal[]
}

/**
 * Keeps `budget` samples, shared among the reasons (code, limit, shadow): who floods us with one mistake hides no other. Each
 * reason keeps at least its first refusal, for as many reasons as a store takes in.
 */
export function fairSamples(budget: number): Samples {
  const byReason = new Map<string, Refusal[]>()
  let count = 0

  /** Takes a sample from a reason that has more than its share; false where there is none. */
  function makeRoom(share: number): boolean {
    for (const samples of byReason.values())
      if (samples.length > share) {
        samples.pop()
        count--
        return true
      }
    return false
  }
  return {
    add(refusal) {
      const { code, limitId, shadow } = refusal
      const reason = JSON.stringify([code, limitId, shadow])
      const samples = byReason.get(reason) ?? []
      if (samples.length === 0 && byReason.size === MOST_SAMPLES_PER_QUARTER) return
      byReason.set(reason, samples)
      const share = Math.max(1, Math.floor(budget / byReason.size))
      if (count >= budget && (samples.length >= share || (!makeRoom(share) && samples.length > 0))) return
      samples.push(refusal)
      count++
    },
    kept: () =>
      [...byReason.values()]
        .flatMap((samples) => samples.map((sample, place) => ({ sample, place })))
        .toSorted((a, b) => a.place - b.place)
        .map(({ sample }) => sample),
  }
}
