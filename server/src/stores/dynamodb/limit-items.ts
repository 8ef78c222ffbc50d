import type { Limit } from '../../core/limit.ts'
import { limitFrom, limitValues } from '../rows/account-rows.ts'
import type { Columns } from '../rows/columns.ts'
import { type Item, itemOf, rowOf } from './attributes.ts'
import { limitsKey } from './keys.ts'
import type { Draft } from './transaction.ts'

const NAMES = [
  ...['tenant_id', 'limit_id', 'scope_kind', 'scope_id', 'metric', 'window_kind', 'window_unit', 'window_zone'],
  ...['amount', 'mode', 'thresholds'],
]
export const LIMIT_COLUMNS: Columns<Limit> = NAMES.map((name, index) => [name, (limit) => limitValues(limit)[index]!])

/** The limits of one scope, as their item has them. */
export function limitsIn(item: Item | undefined): Limit[] {
  return (item?.limits?.L ?? []).map((row) => limitFrom(rowOf(LIMIT_COLUMNS, row.M!)))
}

/** The item of a scope, with all its limits. */
export function limitsDraft(limits: readonly Limit[]): Draft {
  const { tenantId, scope } = limits[0]!
  const rows = limits.map((limit) => ({ M: itemOf(LIMIT_COLUMNS, limit) }))
  return { kind: 'put', key: limitsKey(tenantId, scope), item: { limits: { L: rows } } }
}
