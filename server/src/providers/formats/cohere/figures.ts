import type { Bucket, Usage } from '../../../core/usage.ts'
import { type JsonObject, numberOrUndefined, objectOrUndefined } from '../field.ts'

/** Cohere's figures by their paths, each the last one that was not null. */
export type Figures = Map<string, number>

export function updateFigures(figures: Figures, usage: JsonObject): void {
  const set = (path: string, value: unknown) => {
    const figure = numberOrUndefined(value)
    if (figure !== undefined) figures.set(path, figure)
  }
  for (const name of ['billed_units', 'tokens'])
    for (const [unit, value] of Object.entries(objectOrUndefined(usage[name]) ?? {}))
      if (UNITS.has(unit)) set(`${name}.${unit}`, value)
  set('cached_tokens', usage['cached_tokens'])
}
const UNITS = new Set(['input_tokens', 'output_tokens', 'image_tokens', 'images', 'search_units', 'classifications'])

/** Units that are billed by the piece, and the kinds that they are counted as. */
const PIECES = [
  ['search_units', 'search'],
  ['classifications', 'classification'],
] as const

/**
 * What Cohere bills: `billed_units`, which leave out the tokens that it adds itself ("How does Cohere's pricing work", in
 * its documentation). `tokens` are all that the model read and wrote; a host that says nothing else is booked by those,
 * and only there is `cached_tokens` a part of the input. Undefined where neither is there.
 */
export function usageOf(figures: Figures): Usage | undefined {
  const billed = (unit: string) => figures.get(`billed_units.${unit}`)
  const isBilled = [...figures.keys()].some((path) => path.startsWith('billed_units.'))
  const buckets = isBilled
    ? { inUncached: billed('input_tokens'), inImage: billed('image_tokens'), outText: billed('output_tokens') }
    : processed(figures)
  const known = Object.entries(buckets).filter(([, count]) => count !== undefined)
  const pieces = PIECES.flatMap(([unit, kind]) => (billed(unit) ? [[kind, billed(unit)!] as const] : []))
  // Embed 3 bills pictures by the piece; where their tokens are told, those are what is billed.
  const images = billed('images')
  const toolCalls = [...pieces, ...(images && billed('image_tokens') === undefined ? [['image', images] as const] : [])]
  if (known.length === 0 && toolCalls.length === 0) return undefined
  // Billed by the piece alone, and so no token is.
  if (known.length === 0) known.push(['inUncached', 0])
  return {
    buckets: Object.fromEntries(known),
    ...(toolCalls.length > 0 && { toolCalls: Object.fromEntries(toolCalls) }),
  }
}

function processed(figures: Figures): Partial<Record<Bucket, number | undefined>> {
  const input = figures.get('tokens.input_tokens')
  const cached = figures.get('cached_tokens')
  return {
    inUncached: input === undefined ? undefined : input - (cached ?? 0),
    inCacheRead: input === undefined ? undefined : cached,
    outText: figures.get('tokens.output_tokens'),
  }
}
