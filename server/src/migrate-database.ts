import { type Database, nameOf } from './config/database.ts'
import { openSchema } from './open-stores.ts'

/** Where a schema stands, and where this program would have it. */
export interface SchemaState {
  readonly database: string
  readonly version: number
  readonly latest: number
}

/** `up` to the latest, `down` by one step, `init` makes the database where it is missing, and then goes up. */
export type SchemaChange = 'status' | 'up' | 'down' | 'init'

/** Looks at the schema of a database, or changes it. Rejects with StoreUnavailable, one line for people. */
export async function migrateDatabase(database: Database, change: SchemaChange): Promise<SchemaState> {
  const schema = await openSchema(database)
  try {
    if (change === 'init') await schema.create()
    if (change === 'init' || change === 'up') await schema.migrateTo(schema.latest)
    if (change === 'down') await schema.migrateTo(Math.max(0, (await schema.version()) - 1))
    return { database: nameOf(database), version: await schema.version(), latest: schema.latest }
  } finally {
    await schema.close()
  }
}
