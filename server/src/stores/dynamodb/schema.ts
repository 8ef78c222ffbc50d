import { clientOf } from './connection.ts'
import type { DynamoPlace } from './open.ts'
import { createTables, deleteTables, tablesOf, tablesState } from './tables.ts'

/** There is one version so far: the tables are there, or they are not. What they hold says itself what it is. */
export function dynamoSchema(place: DynamoPlace) {
  const client = clientOf(place)
  const tables = tablesOf(place.table)
  return {
    latest: 1,
    version: async () => ((await tablesState(client, tables)) === 'missing' ? 0 : 1),
    migrateTo: (version: number) => (version === 0 ? deleteTables(client, tables) : createTables(client, tables)),
    /** There is no database around the tables. */
    create: async () => false,
    close: async () => client.destroy(),
  }
}
