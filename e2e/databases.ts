import { join } from 'node:path'
import { newDatabase as newPostgresDatabase } from '../scripts/engines/postgres.ts'
import { postgresForTests } from '../scripts/engines/shared.ts'

/** Where an installation keeps its ledger. */
export interface Database {
  readonly url: string
  remove(): Promise<void>
}

/** A new database of the engine that TT_E2E_DATABASE names (`sqlite`, `postgres`): SQLite, in the folder, where it names none. */
export async function newDatabase(folder: string): Promise<Database> {
  switch (process.env.TT_E2E_DATABASE ?? 'sqlite') {
    case 'sqlite':
      return { url: `sqlite:${join(folder, 'ledger.db')}`, remove: async () => {} }
    case 'postgres': {
      const { url, drop } = await newPostgresDatabase(await postgresServer())
      return { url, remove: drop }
    }
    default:
      throw new Error(`TT_E2E_DATABASE is ${process.env.TT_E2E_DATABASE}, which is no engine`)
  }
}

async function postgresServer(): Promise<string> {
  const server = await postgresForTests()
  if ('reason' in server) throw new Error(server.reason)
  return server.url
}
