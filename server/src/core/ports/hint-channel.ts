/** How processes of one installation tell each other that something was committed, without asking the store. */
export interface HintChannel {
  /** Tells all of them, this one too. A hint may be lost: it is told again by whoever comes back to the channel. */
  tell(): void
  /** Called with something that differs from hint to hint, and says nothing else. */
  listen(listener: (watermark: string) => void): void
  /** Whether hints are heard now. */
  readonly isReached: boolean
}
