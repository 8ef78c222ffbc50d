import type { Hold } from '../../core/hold.ts'
import { HOLD_COLUMNS, holdFrom } from '../rows/hold-row.ts'
import { type Item, rowOf } from './attributes.ts'
import type { Connection } from './connection.ts'
import { HOLD_SHARDS, holdPartition } from './keys.ts'

export function holdIn(item: Item): Hold {
  return holdFrom(rowOf(HOLD_COLUMNS, item))
}

/** All open holds, of one tenant or of all of them. */
export async function openHolds(connection: Connection, tenantId?: string): Promise<Hold[]> {
  const shards = await Promise.all(
    Array.from({ length: HOLD_SHARDS }, (_, shard) => connection.partition(holdPartition(shard))),
  )
  const holds = shards.flat().map(holdIn)
  return holds.filter((hold) => tenantId === undefined || hold.tenantId === tenantId)
}
