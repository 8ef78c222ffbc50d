import type { Delivery } from './alert-contract.ts'
import type { FormatName } from './format-titles.ts'

/** The shapes of the control plane's answers, as far as the dashboard reads them. */

/** An integer of JSON: a number up to 2^53-1, a decimal string beyond it. `integer()` reads both. */
export type Int = number | string

export type Outcome = 'completed' | 'cancelled' | 'upstream_error' | 'cut' | 'voided'
export type Evidence = 'reported' | 'estimated' | 'bounded' | 'unknown'

export interface Session {
  role: string
  tenantId: string
  /** ISO 8601. */
  expiresAt: string
}

/** `tokenLimit` null is unlimited, 0 admits nothing. `percentUsed` is settled and held of the limit, one decimal. */
export interface User {
  userId: string
  createdAt: string
  tokenLimit: Int | null
  tokenUsage: Int
  tokensHeld: Int
  tokensRemaining: Int | null
  percentUsed: number | null
  lastUpdated: string | null
  requests: Int
  costNanoUsd: Int
}

export interface Key {
  keyId: string
  userId: string
  name: string
  last4: string
  createdAt: string
  revokedAt: string | null
}

/** `key` is the secret itself, told only once. */
export interface NewKey extends Key {
  key: string
}

/** A credential of a provider that is kept; what it is, nobody is told. */
export interface Credential {
  name: string
  putAt: string
}

/** Null is unknown or unpriced, never 0. */
export interface EntryRow {
  id: string
  callId: string
  attempt: number
  userId: string
  keyId: string
  provider: string
  model: string
  servedModel: string | null
  /** As it was served; null is the usual one. */
  serviceTier: string | null
  format: string
  stream: boolean
  outcome: Outcome
  evidence: Evidence
  ending: string
  occurredAt: string
  durationMs: number
  firstByteMs: number | null
  httpStatus: number | null
  inputTokens: Int | null
  cachedTokens: Int | null
  outputTokens: Int | null
  totalTokens: Int | null
  costNanoUsd: Int | null
  quarantine: string | null
  writerId: string
  seq: Int
}

export interface CostLine {
  what: string
  /** Another than the entry's: one of `elsewhere`. */
  model: string | null
  count: Int
  ratePicoUsd: Int
  costPicoUsd: Int
}

export interface Audit {
  question?: string
  collection?: string
  documentsRetrieved?: number
  sessionId?: string
}

export interface Price {
  version: string
  provider: string
  model: string
  source: string
  ratesPicoUsd: Record<string, Int>
}

export interface EntryDetail extends EntryRow {
  buckets: Record<string, Int>
  /** What other models used inside the attempt. */
  elsewhere: { model: string; buckets: Record<string, Int>; price: Price | null }[]
  toolCalls: Record<string, Int> | null
  rawUsage: unknown
  held: { tokens: Int; requests: Int; costNanoUsd: Int }
  audit: Audit
  labels: Record<string, string>
  countedAt: string
  price: Price | null
  costLines: CostLine[]
}

export interface Summary {
  from: string
  to: string
  zone: string
  asOf: string
  entries: Int
  requests: Int
  inputTokens: Int
  cachedTokens: Int
  outputTokens: Int
  totalTokens: Int
  costNanoUsd: Int
  unpricedEntries: Int
  unknownEntries: Int
  byEvidence: Partial<Record<Evidence, Int>>
  byOutcome: Partial<Record<Outcome, Int>>
  byModel: { provider: string; model: string; requests: Int; totalTokens: Int; costNanoUsd: Int | null }[]
  /** Calls that were not admitted, by the code of the refusal; `shadow` are those that only a shadow limit would have refused. */
  refusals: { total: Int; byCode: Record<string, Int>; shadow: Int }
}

export interface TrendPoint {
  /** ISO 8601: where the bucket begins. */
  start: string
  requests: Int
  inputTokens: Int
  cachedTokens: Int
  outputTokens: Int
  totalTokens: Int
  costNanoUsd: Int
}

/** Every bucket is present in every series. `key` is null where the trend is of everything together. */
export interface Trend {
  from: string
  to: string
  zone: string
  bucket: 'quarter' | 'hour' | 'day'
  by: string
  series: { key: string | null; points: TrendPoint[] }[]
}

export const METRICS = ['tokens', 'requests', 'costNanoUsd'] as const
export type Metric = (typeof METRICS)[number]
export const SCOPE_KINDS = ['tenant', 'user', 'key', 'provider', 'model', 'label'] as const
export type ScopeKind = (typeof SCOPE_KINDS)[number]
export const MODES = ['hard', 'soft', 'shadow'] as const
export type Mode = (typeof MODES)[number]
export const CALENDAR_UNITS = ['hour', 'day', 'week', 'month'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

export type LimitWindow =
  { kind: 'lifetime' } | { kind: 'minute' } | { kind: 'calendar'; unit: CalendarUnit; zone: string }

export interface Scope {
  kind: ScopeKind
  id: string
}

/** `amount` 0 admits nothing, null binds nobody and goes on counting. `resetsAt` is null where it never resets, or slides. */
export interface Limit {
  limitId: string
  scope: Scope
  metric: Metric
  window: LimitWindow
  amount: Int | null
  mode: Mode
  settled: Int
  held: Int
  resetsAt: string | null
  thresholds: number[]
}

/** A limit as it is put: the same scope, metric and window are the same limit. */
export type LimitDraft = Pick<Limit, 'scope' | 'metric' | 'window' | 'mode' | 'thresholds'> & { amount: Int | null }

export interface Crossing {
  id: string
  limitId: string
  threshold: number
  amount: Int
  settled: Int
  at: string
  text: string
  limit: Pick<Limit, 'scope' | 'metric' | 'window'> | null
  deliveries: Delivery[]
}

export interface Refusal {
  id: string
  callId: string
  at: string
  userId: string
  keyId: string
  provider: string | null
  model: string | null
  code: string
  limitId: string | null
  /** It was let pass: only a shadow limit would have refused it. */
  shadow: boolean
  message: string
  details: Record<string, Int | null> | null
}

export interface RefusalPage {
  refusals: Refusal[]
  nextCursor: string | null
  /** Not every refusal is kept, only counted. */
  sampled: boolean
}

export interface Call {
  callId: string
  entries: EntryDetail[]
  refusals: Refusal[]
}

export interface Deployment {
  name: string
  provider: string
  model: string
  format: string
  state: 'ok' | 'cooling' | 'unknown'
  coolsUntil: string | null
  attempts: number
  failures: number
  lastFailure: { at: string; reason: string } | null
  medianFirstByteMs: number | null
}

/** How the deployments and the ledger have been doing. */
export interface Health {
  deployments: Deployment[]
  ledger: { spooledCalls: number }
}

export interface Question {
  userId: string
  model: string
  format: FormatName
  inputTokens?: number
  maxOutputTokens?: number
  labels?: Record<string, string>
}

export type Verdict = 'fits' | 'refuses' | 'exceeds' | 'would_refuse'

export interface Answer {
  passes: boolean
  reason: string | null
  model: string
  provider: string | null
  asked: { tokens: Int; requests: Int; costNanoUsd: Int | null }
  clampedMaxOutputTokens: Int | null
  rules: (Pick<Limit, 'limitId' | 'scope' | 'metric' | 'window' | 'mode' | 'settled' | 'held' | 'resetsAt'> & {
    amount: Int
    asked: Int
    verdict: Verdict
  })[]
}

export interface UserPage {
  users: User[]
  nextCursor: string | null
}
export interface EntryPage {
  entries: EntryRow[]
  nextCursor: string | null
}

/** What an error of the control plane says of itself. */
export interface ErrorBody {
  code: string
  message: string
  hint?: string
  field?: string
  retryAfterSeconds?: number
}
