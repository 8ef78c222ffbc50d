/** Numbers from 0 to 1 that a seed decides: the same ledger in every run, on every engine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    // Mulberry32: short, and even enough for what is measured here.
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Picks by weight. */
export function picker<Item>(items: readonly (readonly [item: Item, weight: number])[], random: () => number) {
  const all = items.reduce((sum, [, weight]) => sum + weight, 0)
  const upTo: number[] = []
  for (const [, weight] of items) upTo.push((upTo.at(-1) ?? 0) + weight / all)
  return (): Item => {
    const at = random()
    let [low, high] = [0, items.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! > at) high = middle
      else low = middle + 1
    }
    return items[low]![0]
  }
}
