import { text } from '../rows/columns.ts'
import { connections } from './connection.ts'
import { LATEST_VERSION, versionOf } from './migrations.ts'

const LEAST_SERVER = 150_000

/** In words for people: why this server would not keep what was committed, or cannot be used; nothing is changed. */
export async function inspectPostgres(url: string): Promise<readonly string[]> {
  const own = connections(url, { most: 1 })
  try {
    const [row] = await own.ask(SETTINGS)
    const problems: string[] = []
    if (Number(row!.server) < LEAST_SERVER) problems.push(`it is PostgreSQL ${text(row!.version)}; 15 is the oldest`)
    if (row!.fsync === 'off') problems.push('fsync is off: what was committed is lost with the machine')
    if (row!.pages === 'off') problems.push('full_page_writes is off: a loss of power can tear pages')
    if (row!.encoding !== 'UTF8') problems.push(`its encoding is ${text(row!.encoding)}, not UTF8`)
    const version = await versionOf(own)
    if (version !== LATEST_VERSION)
      problems.push(`its schema is ${version}, this program knows ${LATEST_VERSION}: token-trackr migrate up`)
    return problems
  } finally {
    await own.close()
  }
}

const SETTINGS = `
  SELECT current_setting('server_version_num') AS server, current_setting('server_version') AS version,
    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
    current_setting('server_encoding') AS encoding`
