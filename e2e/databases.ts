import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { newDatabase as newPostgresDatabase } from '../scripts/engines/postgres.ts'
import { dynamoForTests, type ForTests, postgresForTests } from '../scripts/engines/shared.ts'

/** Where an installation keeps its ledger. */
export interface Database {
  readonly url: string
  remove(): Promise<void>
}

/** A new database of the engine that TT_E2E_DATABASE names (`sqlite`, `postgres`, `dynamodb`): SQLite, in the folder, where it names none. */
export async function newDatabase(folder: string): Promise<Database> {
  switch (process.env.TT_E2E_DATABASE ?? 'sqlite') {
    case 'sqlite':
      return { url: `sqlite:${join(folder, 'ledger.db')}`, remove: async () => {} }
    case 'postgres': {
      const { url, drop } = await newPostgresDatabase(addressOf(await postgresForTests()))
      return { url, remove: drop }
    }
    case 'dynamodb':
      // Its tables end with the engine.
      return { url: newDynamoTables(addressOf(await dynamoForTests())), remove: async () => {} }
    default:
      throw new Error(`TT_E2E_DATABASE is ${process.env.TT_E2E_DATABASE}, which is no engine`)
  }
}

/** Tables that nobody has made yet, at an endpoint. */
export function newDynamoTables(endpoint: string): string {
  const table = `tt-${randomBytes(8).toString('hex')}`
  return `dynamodb://${table}?region=us-east-1&endpoint=${encodeURIComponent(endpoint)}`
}

function addressOf(engine: ForTests): string {
  if ('reason' in engine) throw new Error(engine.reason)
  return engine.url
}
