import type { Stores } from './reference.ts'

/** Where one store keeps its data: empty at first, opened any number of times at once. A suite makes one per test. */
export interface Place {
  open(options?: OpenOptions): Promise<Stores>
  /** How another process opens the same place, or why none can. */
  readonly elsewhere: Elsewhere | { readonly reason: string }
  /** Closes what is open and removes the data. */
  remove(): Promise<void>
}

export interface OpenOptions {
  readonly nowMs?: () => number
  /**
   * Told each step of each commit. What it throws before the step "committed" fails the commit; where the engine has no
   * such steps it is never called.
   */
  readonly crashPoint?: (name: string) => void
}

/** A module that exports `open(argument, options)`, and the argument. */
export interface Elsewhere {
  readonly module: string
  readonly argument: string
}

export type MakePlace = () => Promise<Place>
