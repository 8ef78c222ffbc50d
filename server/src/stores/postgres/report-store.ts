import type { ReportStore } from '../../core/ports/report-store.ts'
import type { Row, Value } from '../rows/columns.ts'
import { type Connection, connections, unavailable } from './connection.ts'
import { reportQueries } from './report-queries.ts'

/** Few, so that no number of people who look at reports can take the database from those who write. */
const MOST_CONNECTIONS = 3
/** Long enough for a year of hours; a report that takes longer has lost its reader. */
const REPORT_MS = 30_000

/** Reads on connections of its own. `freeze` holds one of them, and one instant, until the store is closed. */
export function postgresReportStore(url: string, testMs: () => number | null): ReportStore {
  const shared = connections(url, { most: MOST_CONNECTIONS, statementMs: REPORT_MS })
  let frozen: Promise<Frozen> | undefined

  async function rows(sql: string, ...values: (Value | readonly Value[])[]): Promise<Row[]> {
    if (!frozen) return shared.ask(sql, values)
    const { connection } = await frozen
    return connection.query(sql, values).catch((error: unknown) => {
      throw unavailable(error)
    })
  }

  return {
    ...reportQueries(rows, testMs),
    async freeze() {
      await (frozen ??= freeze(url))
    },
    async close() {
      const held = await frozen?.catch(() => undefined)
      await Promise.all([held?.release(), shared.close()])
    },
  }
}

export interface Frozen {
  readonly connection: Connection
  release(): Promise<void>
}

/** One instant on a connection of its own; verify takes as long as it takes. */
export async function freeze(url: string): Promise<Frozen> {
  const own = connections(url, { most: 1, statementMs: 0 })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  const lent = own.lend(async (connection) => {
    // The snapshot is taken by the first read of the transaction.
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await connection.query('SELECT count(*) FROM tenants')
    resolve(connection)
    await released
    await connection.query('ROLLBACK')
  })
  lent.catch((error: unknown) => reject(unavailable(error)))
  return {
    connection: await promise,
    async release() {
      release()
      await lent.catch(() => undefined)
      await own.close()
    },
  }
}
