import type { PlacedEntry } from '../core/entry.ts'
import type { EntryQuery, ReportStore } from '../core/ports/report-store.ts'
import { inputTokens, outputTokens, totalTokens } from '../core/usage.ts'
import { isoTime } from './time.ts'

export interface EntryPage {
  readonly entries: readonly ReturnType<typeof entryRow>[]
  /** Where to ask on; null on the last page. */
  readonly nextBefore: { readonly occurredAtMs: number; readonly id: string } | null
}

/** A page of entries, newest first. */
export async function listEntries(store: Pick<ReportStore, 'entries'>, query: EntryQuery): Promise<EntryPage> {
  const found = await store.entries({ ...query, limit: query.limit + 1 })
  const page = found.slice(0, query.limit)
  const last = page.at(-1)
  return {
    entries: page.map(entryRow),
    nextBefore: last && found.length > page.length ? { occurredAtMs: last.occurredAtMs, id: last.id } : null,
  }
}

/** An entry as lists show it. null is unknown, or unpriced; never 0. */
export function entryRow(entry: PlacedEntry) {
  const { id, callId, attempt, userId, keyId, provider, model, servedModel, format, stream } = entry
  const { serviceTier = null } = entry.usage
  const { outcome, evidence, ending, durationMs, firstByteMs, httpStatus, quarantine, writerId, seq } = entry
  return {
    id,
    callId,
    attempt,
    userId,
    keyId,
    provider,
    model,
    servedModel,
    serviceTier,
    format,
    stream,
    outcome,
    evidence,
    ending,
    occurredAt: isoTime(entry.occurredAtMs),
    durationMs,
    firstByteMs,
    httpStatus,
    inputTokens: inputTokens(entry.usage) ?? null,
    cachedTokens: entry.usage.buckets.inCacheRead ?? null,
    outputTokens: outputTokens(entry.usage) ?? null,
    totalTokens: totalTokens(entry.usage) ?? null,
    costNanoUsd: entry.costNanoUsd,
    quarantine,
    writerId,
    seq,
  }
}
