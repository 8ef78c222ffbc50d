import { createHash } from 'node:crypto'
import type { Limit } from '../core/limit.ts'

/** A limit without its id: what decides which limit it is (scope, metric, window), and what it says (amount, mode). */
export type LimitRule = Omit<Limit, 'id'>

/** The limit of a rule. Its id comes from tenant, scope, metric and window, so that the same rule is the same limit. */
export function limitOf(rule: LimitRule): Limit {
  const { tenantId, scope, metric, window } = rule
  const parts = window.kind === 'calendar' ? [window.kind, window.unit, window.zone] : [window.kind]
  const text = JSON.stringify([tenantId, scope.kind, scope.id, metric, ...parts])
  return { ...rule, id: `limit_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}` }
}

/** A user's token limit is a limit like any other: hard, over tokens, for life. */
export function userTokenLimit(tenantId: string, userId: string, amount: bigint | null): Limit {
  return limitOf({
    tenantId,
    scope: { kind: 'user', id: userId },
    metric: 'tokens',
    window: { kind: 'lifetime' },
    amount,
    mode: 'hard',
  })
}
