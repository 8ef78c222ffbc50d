import type { Limit } from '../../core/limit.ts'
import { LIMIT_COLUMNS, limitFrom } from '../rows/account-rows.ts'
import { type Item, itemOf, numberOf, rowOf, text, whole } from './attributes.ts'
import type { Connection } from './connection.ts'
import { operationKey } from './keys.ts'
import type { Condition, Draft } from './transaction.ts'

/** What is left of a change of limits: the new ones whose counters are not filled yet. */
export interface Operation {
  readonly tenantId: string
  readonly rev: number
  readonly atMs: number
  /** Whether holds were moved that were opened before its day and the one before, so that it can be of any day what a counter has seen. */
  readonly hasOldHolds: boolean
  readonly limits: readonly Limit[]
}

/** The item of an operation, put in the transaction that makes the limits be there. */
export function operationDraft(tenantId: string, limits: readonly Limit[], atMs: number): Draft {
  return {
    kind: 'put',
    key: operationKey(tenantId),
    item: operationItem({ tenantId, rev: 0, atMs, hasOldHolds: false, limits }),
    conditions: [{ kind: 'absent' }],
  }
}

function operationItem({ rev, atMs, hasOldHolds, limits }: Operation): Item {
  return {
    ...(hasOldHolds && { old_holds: text('yes') }),
    rev: whole(rev),
    at_ms: whole(atMs),
    limits: { L: limits.map((limit) => ({ M: itemOf(LIMIT_COLUMNS, limit) })) },
  }
}

export async function operationOf(connection: Connection, tenantId: string): Promise<Operation | undefined> {
  const item = await connection.get(operationKey(tenantId))
  if (!item) return undefined
  const limits = item.limits!.L!.map((row) => limitFrom(rowOf(LIMIT_COLUMNS, row.M!)))
  const hasOldHolds = item.old_holds !== undefined
  return { tenantId, rev: numberOf(item, 'rev'), atMs: numberOf(item, 'at_ms'), hasOldHolds, limits }
}

/** Takes the piece off the operation, which nobody else can do then. */
export function nextDraft(operation: Operation, piece: readonly Limit[]): Draft {
  const key = operationKey(operation.tenantId)
  const conditions = unchanged(operation)
  const limits = operation.limits.filter((limit) => !piece.includes(limit))
  if (limits.length === 0) return { kind: 'delete', key, conditions }
  return { kind: 'put', key, item: operationItem({ ...operation, rev: operation.rev + 1, limits }), conditions }
}

/** Before the first old hold is moved. Whoever goes by the operation as it was is stopped by its number. */
export function oldHoldsDraft(operation: Operation): Draft {
  const item = operationItem({ ...operation, rev: operation.rev + 1, hasOldHolds: true })
  return { kind: 'put', key: operationKey(operation.tenantId), item, conditions: unchanged(operation) }
}

function unchanged({ rev }: Operation): readonly Condition[] {
  return [{ kind: 'equals', name: 'rev', value: whole(rev) }]
}
