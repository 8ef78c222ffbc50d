import type { Limit } from '../../core/limit.ts'
import { LIMIT_COLUMNS, limitFrom } from '../rows/account-rows.ts'
import { type Item, itemOf, rowOf } from './attributes.ts'
import { limitsKey } from './keys.ts'
import type { Draft } from './transaction.ts'

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
