import type { Attempt, Audit, PlacedEntry } from '../../core/entry.ts'
import { type Bucket, BUCKETS, tokensElsewhere, type Usage } from '../../core/usage.ts'
import { BUCKET_COLUMNS, type Columns, type Row, text, numberOrNull } from './columns.ts'

/** What holds and entries have in common, in columns of the same names. */
export const ATTEMPT_COLUMNS: Columns<Attempt> = [
  ['tenant_id', (attempt) => attempt.tenantId],
  ['call_id', (attempt) => attempt.callId],
  ['attempt', (attempt) => attempt.attempt],
  ['format', (attempt) => attempt.format],
  ['stream', (attempt) => (attempt.stream ? 1 : 0)],
  ['user_id', (attempt) => attempt.userId],
  ['key_id', (attempt) => attempt.keyId],
  ['provider', (attempt) => attempt.provider],
  ['model', (attempt) => attempt.model],
  ['question', ({ audit }) => audit.question ?? null],
  ['collection', ({ audit }) => audit.collection ?? null],
  ['documents_retrieved', ({ audit }) => audit.documentsRetrieved ?? null],
  ['session_id', ({ audit }) => audit.sessionId ?? null],
  ['labels', ({ labels }) => labelsText(labels)],
]

export const ENTRY_COLUMNS: Columns<PlacedEntry> = [
  ['entry_id', (entry) => entry.id],
  ['writer_id', (entry) => entry.writerId],
  ['seq', (entry) => entry.seq],
  ...ATTEMPT_COLUMNS,
  ['served_model', (entry) => entry.servedModel],
  ['outcome', (entry) => entry.outcome],
  ['evidence', (entry) => entry.evidence],
  ['ending', (entry) => entry.ending],
  ['counted_at_ms', (entry) => entry.countedAtMs],
  ['occurred_at_ms', (entry) => entry.occurredAtMs],
  ['duration_ms', (entry) => entry.durationMs],
  ['first_byte_ms', (entry) => entry.firstByteMs],
  ['http_status', (entry) => entry.httpStatus],
  ...BUCKETS.map(
    (bucket, index) => [BUCKET_COLUMNS[index]!, ({ usage }: PlacedEntry) => usage.buckets[bucket] ?? null] as const,
  ),
  ['tool_calls', ({ usage }) => (usage.toolCalls ? JSON.stringify(usage.toolCalls) : null)],
  ['service_tier', ({ usage }) => usage.serviceTier ?? null],
  ['elsewhere', ({ usage }) => (usage.elsewhere ? JSON.stringify(usage.elsewhere) : null)],
  ['elsewhere_tokens', ({ usage }) => tokensElsewhere(usage) ?? null],
  ['raw_usage', (entry) => entry.rawUsage],
  ['quarantine', (entry) => entry.quarantine],
  ['cost_nano_usd', (entry) => entry.costNanoUsd],
  ['price_version', (entry) => entry.priceVersion],
  ['held_tokens', ({ held }) => held.tokens],
  ['held_requests', ({ held }) => held.requests],
  ['held_cost_nano_usd', ({ held }) => held.costNanoUsd],
]

export function entryFrom(row: Row): PlacedEntry {
  return {
    id: text(row.entry_id),
    writerId: text(row.writer_id),
    seq: Number(row.seq),
    ...attemptFrom(row),
    servedModel: row.served_model as string | null,
    outcome: row.outcome as PlacedEntry['outcome'],
    evidence: row.evidence as PlacedEntry['evidence'],
    ending: row.ending as PlacedEntry['ending'],
    countedAtMs: Number(row.counted_at_ms),
    occurredAtMs: Number(row.occurred_at_ms),
    durationMs: Number(row.duration_ms),
    firstByteMs: numberOrNull(row.first_byte_ms),
    httpStatus: numberOrNull(row.http_status),
    usage: usageFrom(row),
    rawUsage: row.raw_usage as string | null,
    quarantine: row.quarantine as string | null,
    costNanoUsd: row.cost_nano_usd as bigint | null,
    priceVersion: row.price_version as string | null,
    held: {
      tokens: row.held_tokens as bigint,
      requests: row.held_requests as bigint,
      costNanoUsd: row.held_cost_nano_usd as bigint,
    },
  }
}

function usageFrom(row: Row): PlacedEntry['usage'] {
  const buckets: { [B in Bucket]?: number } = {}
  BUCKETS.forEach((bucket, index) => {
    const tokens = row[BUCKET_COLUMNS[index]!]
    if (tokens !== null) buckets[bucket] = Number(tokens)
  })
  return {
    buckets,
    ...(row.tool_calls !== null && { toolCalls: JSON.parse(text(row.tool_calls)) as Usage['toolCalls'] & object }),
    ...(row.service_tier !== null && { serviceTier: text(row.service_tier) }),
    ...(row.elsewhere !== null && { elsewhere: JSON.parse(text(row.elsewhere)) as Usage['elsewhere'] & object }),
  }
}

/** The values of ATTEMPT_COLUMNS as an attempt without its id, whose column has another name in each table. */
export function attemptFrom(row: Row): Omit<Attempt, 'id'> {
  return {
    tenantId: text(row.tenant_id),
    callId: text(row.call_id),
    attempt: Number(row.attempt),
    format: text(row.format),
    stream: row.stream === 1n,
    userId: text(row.user_id),
    keyId: text(row.key_id),
    provider: text(row.provider),
    model: text(row.model),
    audit: auditFrom(row),
    labels: row.labels === null ? {} : (JSON.parse(text(row.labels)) as Record<string, string>),
  }
}

/** Labels as JSON, or null where there are none, as for most attempts. */
function labelsText(labels: Readonly<Record<string, string>>): string | null {
  for (const _ in labels) return JSON.stringify(labels)
  return null
}

function auditFrom(row: Row): Audit {
  return {
    ...(row.question === null ? {} : { question: text(row.question) }),
    ...(row.collection === null ? {} : { collection: text(row.collection) }),
    ...(row.documents_retrieved === null ? {} : { documentsRetrieved: Number(row.documents_retrieved) }),
    ...(row.session_id === null ? {} : { sessionId: text(row.session_id) }),
  }
}
