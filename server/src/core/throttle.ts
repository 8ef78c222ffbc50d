/** Tokens that come back one by one, apart for each name (a remote address). */
export interface Throttle {
  /** Takes a token: 0 where there was one, else how many seconds it takes until there is. */
  take(name: string): number
  /** Gives a token back. */
  giveBack(name: string): void
}

/** Names kept at most; the one that was not seen for longest is forgotten, and so begins anew. */
const MOST_NAMES = 10_000

export function throttle(most: number, everyMs: number, now: () => number): Throttle {
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  const bucketOf = (name: string) => {
    const atMs = now()
    const bucket = buckets.get(name) ?? { tokens: most, atMs }
    const tokens = Math.min(most, bucket.tokens + (atMs - bucket.atMs) / everyMs)
    const current = { tokens, atMs }
    buckets.delete(name)
    buckets.set(name, current)
    if (buckets.size > MOST_NAMES) buckets.delete(buckets.keys().next().value as string)
    return current
  }
  return {
    take(name) {
      const bucket = bucketOf(name)
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * everyMs) / 1000)
      bucket.tokens -= 1
      return 0
    },
    giveBack(name) {
      const bucket = bucketOf(name)
      bucket.tokens = Math.min(most, bucket.tokens + 1)
    },
  }
}
