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
