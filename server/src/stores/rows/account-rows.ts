import type { Key, User } from '../../core/account.ts'
import type { Limit, Metric, Mode, ScopeKind } from '../../core/limit.ts'
import type { CalendarUnit, Window } from '../../core/window.ts'
import { type Columns, numberOrNull, type Row, text, type Value } from './columns.ts'

export const USER_COLUMNS: Columns<User> = [
  ['tenant_id', ({ tenantId }) => tenantId],
  ['user_id', ({ id }) => id],
  ['created_at_ms', ({ createdAtMs }) => createdAtMs],
]

export function userFrom(row: Row): User {
  return { id: text(row.user_id), tenantId: text(row.tenant_id), createdAtMs: Number(row.created_at_ms) }
}

export const KEY_COLUMNS: Columns<Key> = [
  ['tenant_id', ({ tenantId }) => tenantId],
  ['key_id', ({ id }) => id],
  ['user_id', ({ userId }) => userId],
  ['name', ({ name }) => name],
  ['hash', ({ hash }) => hash],
  ['last4', ({ last4 }) => last4],
  ['created_at_ms', ({ createdAtMs }) => createdAtMs],
  ['revoked_at_ms', ({ revokedAtMs }) => revokedAtMs],
]

/** The values of KEY_COLUMNS. */
export function keyValues(key: Key): Value[] {
  return KEY_COLUMNS.map(([, value]) => value(key))
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

export const LIMIT_COLUMNS: Columns<Limit> = [
  ['tenant_id', ({ tenantId }) => tenantId],
  ['limit_id', ({ id }) => id],
  ['scope_kind', ({ scope }) => scope.kind],
  ['scope_id', ({ scope }) => scope.id],
  ['metric', ({ metric }) => metric],
  ['window_kind', ({ window }) => window.kind],
  ['window_unit', ({ window }) => (window.kind === 'calendar' ? window.unit : '')],
  ['window_zone', ({ window }) => (window.kind === 'calendar' ? window.zone : '')],
  ['amount', ({ amount }) => amount],
  ['mode', ({ mode }) => mode],
  ['thresholds', thresholdsText],
]

/** The values of LIMIT_COLUMNS. */
export function limitValues(limit: Limit): Value[] {
  return LIMIT_COLUMNS.map(([, value]) => value(limit))
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
