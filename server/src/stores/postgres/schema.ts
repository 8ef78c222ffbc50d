import { connections, unavailable } from './connection.ts'
import { LATEST_VERSION, migrate, versionOf } from './migrations.ts'

/** PostgreSQL's name for a database that is not there. */
const NO_DATABASE = '3D000'

/** The schema of a database, to look at or to bring to a version. */
export function postgresSchema(url: string) {
  const own = connections(url, { most: 1, statementMs: 0 })
  return {
    latest: LATEST_VERSION,
    version: () => versionOf(own),
    migrateTo: (version: number) => migrate(own, version),
    async create() {
      try {
        await own.ask('SELECT 1 AS one')
        return false
      } catch (error) {
        const { code } = ((error as Error).cause ?? {}) as { code?: string }
        if (code !== NO_DATABASE) throw error
        await createDatabase(url)
        return true
      }
    },
    close: () => own.close(),
  }
}

/** From the database that every server has; its user must be allowed to. */
async function createDatabase(url: string): Promise<void> {
  const beside = new URL(url)
  const name = decodeURIComponent(beside.pathname.slice(1))
  beside.pathname = '/postgres'
  const server = connections(beside.href, { most: 1 })
  try {
    const [quoted] = await server.ask(
      `SELECT format('CREATE DATABASE %I ENCODING ''UTF8'' TEMPLATE template0', $1::text) AS sql`,
      [name],
    )
    await server.lend((connection) => connection.query(String(quoted!.sql)))
  } catch (error) {
    throw unavailable(error)
  } finally {
    await server.close()
  }
}
