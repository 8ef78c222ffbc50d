import type { Window } from './window.ts'

/** What limits and counters count. The unit is in the name: cost is in nano-USD. */
export const METRICS = ['tokens', 'requests', 'costNanoUsd'] as const
export type Metric = (typeof METRICS)[number]

/** One number per metric: what a hold sets aside, or what an entry used. */
export type Amounts = Readonly<Record<Metric, bigint>>
export const NO_AMOUNTS: Amounts = { tokens: 0n, requests: 0n, costNanoUsd: 0n }

/**
 * Whom a limit binds. Ids are those of our own accounts and deployments; a label's id is `name=value`, and binds only
 * calls that carry it: what a client claims narrows what it may do, and never widens it.
 */
export const SCOPES = ['tenant', 'user', 'key', 'provider', 'model', 'label'] as const
export type ScopeKind = (typeof SCOPES)[number]
export interface Scope {
  readonly kind: ScopeKind
  readonly id: string
}

/** `hard` refuses; `soft` lets pass and reports; `shadow` only records what it would have refused. */
export const MODES = ['hard', 'soft', 'shadow'] as const
export type Mode = (typeof MODES)[number]

/** One rule. `amount` 0 admits nothing, null admits everything (and keeps counting, so that a later amount binds at once). */
export interface Limit {
  readonly id: string
  readonly tenantId: string
  readonly scope: Scope
  readonly metric: Metric
  readonly window: Window
  readonly amount: bigint | null
  readonly mode: Mode
  /** Percentages of the amount that somebody wants to be told of, once in each window. */
  readonly thresholds?: readonly number[]
}

/** What an attempt is known by, for limits. */
export interface Subject {
  readonly tenantId: string
  readonly userId: string
  readonly keyId: string
  readonly provider: string
  readonly model: string
  readonly labels: Readonly<Record<string, string>>
}

/** The subject's ids in a scope of this kind: one, or as many as it has labels. */
export function idsIn(subject: Subject, kind: ScopeKind): readonly string[] {
  switch (kind) {
    case 'tenant':
      return [subject.tenantId]
    case 'user':
      return [subject.userId]
    case 'key':
      return [subject.keyId]
    case 'provider':
      return [subject.provider]
    case 'model':
      return [subject.model]
    case 'label':
      return labelIds(subject.labels)
  }
}

/** Each once: `a=b` with the value `c` and `a` with `b=c` are the same id, and must not be counted twice. */
function labelIds(labels: Subject['labels']): string[] {
  return [...new Set(Object.entries(labels).map(([name, value]) => `${name}=${value}`))]
}

/** Those of the tenant's limits that count this subject. */
export function applying(limits: readonly Limit[], subject: Subject): Limit[] {
  return limits.filter(
    (limit) => limit.tenantId === subject.tenantId && idsIn(subject, limit.scope.kind).includes(limit.scope.id),
  )
}
