import { createHash } from 'node:crypto'

/** Numbers that follow from a text alone, so that the same request is always answered alike. */
export interface Dice {
  /** A number from `least` up to `most`. */
  between(range: readonly [least: number, most: number]): number
  /** An integer from `least` to `most`, both included. */
  integer(range: readonly [least: number, most: number]): number
  pick<T>(from: readonly [T, ...T[]]): T
}

export function diceOf(text: string): Dice {
  let state = createHash('sha256').update(text).digest().readUInt32LE()
  // The constants of Numerical Recipes' linear congruential generator; its high bits are good enough for a simulation.
  const fraction = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  return {
    between: ([least, most]) => least + fraction() * (most - least),
    integer: ([least, most]) => least + Math.floor(fraction() * (most - least + 1)),
    pick: (from) => from[Math.floor(fraction() * from.length)] ?? from[0],
  }
}
