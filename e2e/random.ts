/** A small seeded generator (mulberry32), so that a failing run can be repeated by its seed. */
export function randomFrom(seed: number): { below(limit: number): number; from<T>(items: readonly T[]): T } {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, from: (items) => items[below(items.length)] as (typeof items)[number] }
}
