import type { MeterReading } from '../../../core/ports/format.ts'
import type { Usage } from '../../../core/usage.ts'
import { arrayOrEmpty, countOrUndefined, type JsonObject, numberOrUndefined, objectOrUndefined } from '../field.ts'

/**
 * Converse's usage. Its input excludes what caches read and wrote, and its total includes both. Models of OpenAI's
 * family were seen with an input that includes them: then the total is input and output alone.
 */
export function converseUsage(usage: JsonObject): Pick<MeterReading, 'reportedTotal'> & { readonly usage: Usage } {
  const input = numberOrUndefined(usage['inputTokens'])
  const output = numberOrUndefined(usage['outputTokens'])
  const total = numberOrUndefined(usage['totalTokens'])
  const read = numberOrUndefined(usage['cacheReadInputTokens'] ?? usage['cacheReadInputTokenCount'])
  const written = numberOrUndefined(usage['cacheWriteInputTokens'] ?? usage['cacheWriteInputTokenCount'])
  const cached = (read ?? 0) + (written ?? 0)
  const isInclusive =
    cached > 0 && input !== undefined && input >= cached && total !== undefined && total === input + (output ?? 0)
  const toolCalls = toolCallsOf(usage['serverToolUsage'])
  return {
    usage: {
      buckets: {
        ...(input !== undefined && { inUncached: isInclusive ? input - cached : input }),
        ...(read !== undefined && { inCacheRead: read }),
        ...cacheWrites(written, usage['cacheDetails']),
        ...(output !== undefined && { outText: output }),
      },
      ...(toolCalls && { toolCalls }),
    },
    reportedTotal: total,
  }
}

/** By time to live. More details than the whole leave a negative rest, on purpose: the usage is then quarantined. */
function cacheWrites(written: number | undefined, details: unknown): Usage['buckets'] {
  const byTtl: Record<string, number> = {}
  for (const value of arrayOrEmpty(details)) {
    const detail = objectOrUndefined(value)
    const tokens = numberOrUndefined(detail?.['inputTokens'])
    const bucket = BUCKETS.get(detail?.['ttl'])
    if (tokens !== undefined && bucket !== undefined) byTtl[bucket] = (byTtl[bucket] ?? 0) + tokens
  }
  const known = Object.values(byTtl).reduce((sum, tokens) => sum + tokens, 0)
  const rest = written === undefined ? 0 : written - known
  const isSplit = Object.keys(byTtl).length > 0
  return { ...byTtl, ...((rest !== 0 || (written !== undefined && !isSplit)) && { inCacheWriteOther: rest }) }
}
const BUCKETS: ReadonlyMap<unknown, 'inCacheWrite5m' | 'inCacheWrite1h'> = new Map([
  ['5m', 'inCacheWrite5m'],
  ['1h', 'inCacheWrite1h'],
])

/** How often AWS ran tools of its own, in its own names for them: without a price for one, the call is unpriced. */
function toolCallsOf(value: unknown): Record<string, number> | undefined {
  const calls = Object.entries(objectOrUndefined(value) ?? {}).flatMap(([kind, told]) => {
    const count = countOrUndefined(told)
    return count === undefined ? [] : [[kind, count] as const]
  })
  return calls.length > 0 ? Object.fromEntries(calls) : undefined
}
