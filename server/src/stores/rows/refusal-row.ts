import type { RefusalSum } from '../../core/ports/report-store.ts'
import type { Refusal, RefusalCount, RefusalReason } from '../../core/refusal.ts'
import { type Columns, type Row, text, type Value } from './columns.ts'

export const REFUSAL_COLUMNS: Columns<Refusal> = [
  ['tenant_id', (refusal) => refusal.tenantId],
  ['at_ms', (refusal) => refusal.atMs],
  ['refusal_id', (refusal) => refusal.id],
  ['call_id', (refusal) => refusal.callId],
  ['user_id', (refusal) => refusal.userId],
  ['key_id', (refusal) => refusal.keyId],
  ['provider', (refusal) => refusal.provider],
  ['model', (refusal) => refusal.model],
  ['code', (refusal) => refusal.code],
  ['limit_id', (refusal) => refusal.limitId],
  ['shadow', (refusal) => (refusal.shadow ? 1 : 0)],
  ['message', (refusal) => refusal.message],
  ['details', (refusal) => JSON.stringify(refusal.details)],
]
export const COUNT_COLUMNS = ['tenant_id', 'start_ms', 'user_id', 'model', 'code', 'limit_id', 'shadow']

/** The values of COUNT_COLUMNS. */
export function countValues({ tenantId, startMs, userId, model, code, limitId, shadow }: RefusalCount): Value[] {
  return [tenantId, startMs, userId, model ?? '', code, limitId ?? '', shadow ? 1 : 0]
}

export function refusalFrom(row: Row): Refusal {
  return {
    id: text(row.refusal_id),
    callId: text(row.call_id),
    atMs: Number(row.at_ms),
    tenantId: text(row.tenant_id),
    userId: text(row.user_id),
    keyId: text(row.key_id),
    provider: row.provider as string | null,
    model: row.model as string | null,
    code: row.code as Refusal['code'],
    limitId: row.limit_id as string | null,
    shadow: row.shadow === 1n,
    message: text(row.message),
    details: JSON.parse(text(row.details)) as Refusal['details'],
  }
}

export function reasonFrom(row: Row): RefusalReason {
  return { code: row.code as RefusalReason['code'], shadow: row.shadow === 1n, count: Number(row.count) }
}

export function refusalSumFrom(row: Row): RefusalSum {
  return {
    tenantId: text(row.tenant_id),
    userId: text(row.user_id),
    model: text(row.model) || null,
    code: row.code as RefusalSum['code'],
    limitId: text(row.limit_id) || null,
    shadow: row.shadow === 1n,
    count: Number(row.count),
  }
}
