import { useState } from 'react'
import { useNow } from './clock.ts'
import { setParameters, useUrlParameter } from './location.ts'
import { type Preset, type Range, readRange, shiftRange } from './range.ts'
import { useServices } from './services.ts'

const LOOK_AGAIN_MS = 15_000

/** The range that all pages share, as the address says it: the same object until it covers another time. */
export function useRange(preset: Preset = 'today'): Range {
  const { zone } = useServices()
  const [range] = useUrlParameter('range')
  const [from] = useUrlParameter('from')
  const [to] = useUrlParameter('to')
  const now = useNow(LOOK_AGAIN_MS)
  const next = readRange({ range, from, to }, zone, now, preset)
  const [kept, keep] = useState(next)
  if (isSame(kept, next)) return kept
  keep(next)
  return next
}

function isSame(a: Range, b: Range): boolean {
  return (Object.keys(a) as (keyof Range)[]).every((name) => a[name] === b[name])
}

export function choosePreset(preset: Preset | null): void {
  setParameters({ range: preset, from: null, to: null })
}

/** Moves the range by its own length; what it shows then no longer moves with the clock. */
export function moveRange(range: Range, direction: 1 | -1, zone: string): void {
  setParameters({ range: null, ...asParameters(shiftRange(range, direction, zone)) })
}

/** The two ends for an address that means the same in a week, and in another zone. */
export function asParameters({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}
