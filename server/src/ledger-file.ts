import type { Database } from './config/database.ts'
import { ConfigurationError } from './core/errors.ts'

/** What is done with the ledger's file, and with what it is done where the ledger is in no file of ours. */
const INSTEAD = {
  postgres: {
    name: 'PostgreSQL',
    backup: 'pg_dump --format=custom --file=ledger.dump "$DATABASE_URL"',
    restore: 'pg_restore --dbname="$DATABASE_URL" ledger.dump, into an empty database while no server runs',
  },
  dynamodb: {
    name: 'DynamoDB',
    backup: 'aws dynamodb create-backup, for TABLE and TABLE-ledger; point-in-time recovery is on from the beginning',
    restore: 'aws dynamodb restore-table-to-point-in-time, of both tables to the same instant',
  },
} as const

/** The file of the ledger. Throws ConfigurationError, one line that names the tool of the engine that has none. */
export function ledgerFile(database: Database, wish: 'backup' | 'restore'): string {
  if (database.engine === 'sqlite') return database.file
  const { name, [wish]: instead } = INSTEAD[database.engine]
  throw new ConfigurationError(`${wish} is for files of SQLite. For ${name} use: ${instead}.`)
}
