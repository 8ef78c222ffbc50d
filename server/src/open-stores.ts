import type { Database } from './config/database.ts'
import type { AccountStore } from './core/ports/account-store.ts'
import type { DeliveryStore } from './core/ports/delivery-store.ts'
import type { LedgerStore } from './core/ports/ledger-store.ts'
import type { ReportStore } from './core/ports/report-store.ts'

export interface Stores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  close(): Promise<void>
}

export interface OpenOptions {
  /** Told the name of each step of each commit, for tests that crash there. */
  readonly crashPoint?: ((name: string) => void) | undefined
  /** How long a database that cannot be reached yet is waited for. */
  readonly waitMs?: number
}

/** What can be done to the schema of a database, whatever keeps it. */
export interface Schema {
  /** The newest version that this program knows. */
  readonly latest: number
  /** 0 where there is none yet. */
  version(): Promise<number>
  /** Up or down to a version, a step at a time. */
  migrateTo(version: number): Promise<void>
  /** Makes the database itself, unless it is there: empty. Answers whether it was made now. */
  create(): Promise<boolean>
  close(): Promise<void>
}

/**
 * The stores of a database, brought up to the latest schema. Only the driver that is needed is loaded. Rejects with
 * StoreUnavailable, one line for people, where it cannot be used.
 */
export async function openStores(database: Database, { crashPoint, waitMs }: OpenOptions = {}): Promise<Stores> {
  switch (database.engine) {
    case 'sqlite': {
      const { openSqlite } = await import('./stores/sqlite/open.ts')
      return openSqlite(database.file, { ...(crashPoint && { crashPoint }) })
    }
    case 'postgres': {
      const { openPostgres } = await import('./stores/postgres/open.ts')
      return openPostgres(database.url, { ...(crashPoint && { crashPoint }), ...(waitMs !== undefined && { waitMs }) })
    }
    case 'dynamodb': {
      const { openDynamo } = await import('./stores/dynamodb/open.ts')
      return openDynamo(database, { ...(crashPoint && { crashPoint }), ...(waitMs !== undefined && { waitMs }) })
    }
  }
}

export async function openSchema(database: Database): Promise<Schema> {
  switch (database.engine) {
    case 'sqlite': {
      const { sqliteSchema } = await import('./stores/sqlite/schema.ts')
      return sqliteSchema(database.file)
    }
    case 'postgres': {
      const { postgresSchema } = await import('./stores/postgres/schema.ts')
      return postgresSchema(database.url)
    }
    case 'dynamodb': {
      const { dynamoSchema } = await import('./stores/dynamodb/schema.ts')
      return dynamoSchema(database)
    }
  }
}
