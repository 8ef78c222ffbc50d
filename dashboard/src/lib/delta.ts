import { percentText } from './numbers.ts'

/** How a sum stands to the one before it. `text` is null where there is nothing to compare. */
export interface Delta {
  readonly direction: 'up' | 'down' | 'same'
  readonly text: string | null
}

/** "34 %" more or less; from ten times on "12×"; "new" where there was nothing before. */
export function deltaOf(now: bigint, before: bigint): Delta {
  if (now === before) return { direction: 'same', text: now === 0n ? null : 'same' }
  if (before === 0n) return { direction: 'up', text: 'new' }
  const difference = now - before
  const direction = difference > 0n ? 'up' : 'down'
  if (now >= before * 10n) {
    const times = now / before
    return { direction, text: times >= 1000n ? '>\u00a0999×' : `${times}×` }
  }
  const size = difference < 0n ? -difference : difference
  return { direction, text: percentText(Number((size * 100_000n) / before) / 1000) }
}
