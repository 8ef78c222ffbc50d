import type { Key, User } from '../../core/account.ts'
import type { Limit, Metric, Mode, ScopeKind } from '../../core/limit.ts'
import type { CalendarUnit, Window } from '../../core/window.ts'
import { numberOrNull, type Row, text, type Value } from './columns.ts'

export function userFrom(row: Row): User {
  return { id: text(row.user_id), tenantId: text(row.tenant_id), createdAtMs: Number(row.created_at_ms) }
}

/** tenant, id, user, name, hash, last4, created, revoked. */
export function keyValues(key: Key): Value[] {
  return [key.tenantId, key.id, key.userId, key.name, key.hash, key.last4, key.createdAtMs, key.revokedAtMs]
}

export function keyFrom(row: Row): Key {
  return {
    id: text(row.key_id),
    tenantId: text(row.tenant_id),
    userId: text(row.user_id),
    name: text(row.name),
    hash: text(row.hash),
    last4: text(row.last4),
    createdAtMs: Number(row.created_at_ms),
    revokedAtMs: numberOrNull(row.revoked_at_ms),
  }
}

/** tenant, id, scope, metric, window, amount, mode, thresholds. */
export function limitValues(limit: Limit): Value[] {
  const { tenantId, id, scope, metric, window, amount, mode } = limit
  const [unit, zone] = window.kind === 'calendar' ? [window.unit, window.zone] : ['', '']
  return [tenantId, id, scope.kind, scope.id, metric, window.kind, unit, zone, amount, mode, thresholdsText(limit)]
}

export function limitFrom(row: Row): Limit {
  return {
    id: text(row.limit_id),
    tenantId: text(row.tenant_id),
    scope: { kind: row.scope_kind as ScopeKind, id: text(row.scope_id) },
    metric: row.metric as Metric,
    window: windowFrom(row),
    amount: row.amount as bigint | null,
    mode: row.mode as Mode,
    ...(row.thresholds !== null && { thresholds: JSON.parse(text(row.thresholds)) as number[] }),
  }
}

/** JSON, or null where nobody said. */
export function thresholdsText({ thresholds }: Limit): string | null {
  return thresholds ? JSON.stringify(thresholds) : null
}

function windowFrom(row: Row): Window {
  const kind = row.window_kind as Window['kind']
  if (kind !== 'calendar') return { kind }
  return { kind, unit: row.window_unit as CalendarUnit, zone: text(row.window_zone) }
}
