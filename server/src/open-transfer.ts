import type { Database } from './config/database.ts'
import type { TransferSource, TransferTarget } from './core/ports/transfer.ts'

/**
 * A ledger to read as a whole. Only the driver that is needed is loaded. Rejects with StoreUnavailable, also where its
 * schema is not the latest: nothing is made or brought up to date where a ledger is only to be read.
 */
export async function openSource(database: Database): Promise<TransferSource> {
  switch (database.engine) {
    case 'sqlite': {
      const { sqliteSource } = await import('./stores/sqlite/transfer.ts')
      return sqliteSource(database.file)
    }
    case 'postgres': {
      const { postgresSource } = await import('./stores/postgres/transfer.ts')
      return postgresSource(database.url)
    }
    case 'dynamodb': {
      const { dynamoSource } = await import('./stores/dynamodb/transfer.ts')
      return dynamoSource(database)
    }
  }
}

/** A place to make a ledger in. `crashPoint` is told each step, for tests. */
export async function openTarget(database: Database, crashPoint: (name: string) => void): Promise<TransferTarget> {
  switch (database.engine) {
    case 'sqlite': {
      const { sqliteTarget } = await import('./stores/sqlite/transfer.ts')
      return sqliteTarget(database.file, crashPoint)
    }
    case 'postgres': {
      const { postgresTarget } = await import('./stores/postgres/transfer.ts')
      return postgresTarget(database.url, crashPoint)
    }
    case 'dynamodb': {
      const { dynamoTarget } = await import('./stores/dynamodb/transfer.ts')
      return dynamoTarget(database, crashPoint)
    }
  }
}
