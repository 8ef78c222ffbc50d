import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Value } from '../server/src/stores/rows/columns.ts'

export type Row = Readonly<Record<string, Value>>

/** A connection that fills a database as fast as its engine can, while nobody else uses it. Statements are our own text. */
export interface Loader {
  run(sql: string): Promise<void>
  rows(sql: string): Promise<readonly Row[]>
  insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void>
  /** A number as text of twelve digits, in SQL. */
  padded(sql: string): string
  /** What an order of rows has to say, where the engine would choose another. */
  inOrderOf(columns: string): string
  /** Makes the months of entries, and takes away indexes that are made sooner when all is there. */
  begin(months: number): Promise<void>
  /** Makes the indexes, and what a database learns of its tables in its idle time. */
  end(): Promise<void>
  close(): Promise<void>
}

export function openLoader(url: string): Promise<Loader> {
  return url.startsWith('sqlite:') ? sqliteLoader(url.slice('sqlite:'.length)) : postgresLoader(url)
}

async function sqliteLoader(path: string): Promise<Loader> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  // Who loses power meanwhile begins anew.
  database.exec(`PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;
    PRAGMA temp_store = MEMORY`)
  let indexes: Row[] = []
  return {
    run: async (sql) => database.exec(sql),
    rows: async (sql) => database.prepare(sql, { readBigInts: true }).all() as Row[],
    async insert(table, columns, rows) {
      const marks = columns.map(() => '?').join(', ')
      const statement = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
      database.exec('BEGIN')
      for (const row of rows) statement.run(...row)
      database.exec('COMMIT')
    },
    padded: (sql) => `printf('%012d', ${sql})`,
    inOrderOf: () => '',
    async begin() {
      indexes = database
        .prepare(
          `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entries' AND sql IS NOT NULL`,
        )
        .all() as Row[]
      for (const { name } of indexes) database.exec(`DROP INDEX ${name}`)
    },
    async end() {
      for (const { sql } of indexes) database.exec(String(sql))
    },
    close: async () => database.close(),
  }
}

const ROWS_AT_ONCE = 5_000

async function postgresLoader(url: string): Promise<Loader> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const run = async (sql: string) => void (await client.query(sql))
  const rows = async (sql: string) => (await client.query<Record<string, Value>>(sql)).rows
  await run(`SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'`)
  let indexes: string[] = []
  return {
    run,
    rows,
    async insert(table, columns, all) {
      const names = columns.join(', ')
      const sql = `INSERT INTO ${table} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1)`
      for (let at = 0; at < all.length; at += ROWS_AT_ONCE) {
        const part = all.slice(at, at + ROWS_AT_ONCE)
        const objects = part.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
        const text = JSON.stringify(objects, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
        await client.query(sql, [text])
      }
      await run(`ANALYZE ${table}`)
    },
    padded: (sql) => `lpad((${sql})::text, 12, '0')`,
    inOrderOf: (columns) => `ORDER BY ${columns}`,
    async begin(months) {
      for (let ago = 1; ago <= months; ago++) await run(`SELECT make_entry_month(${-ago})`)
      const found = await rows(`SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'entries'`)
      indexes = found.map(({ indexdef }) => String(indexdef).replace(' ON ONLY ', ' ON '))
      for (const { indexname } of found) await run(`DROP INDEX ${indexname}`)
    },
    async end() {
      for (const sql of indexes) await run(sql)
      await run(`INSERT INTO entry_ids (entry_id, tenant_id, occurred_at_ms)
        SELECT entry_id, tenant_id, occurred_at_ms FROM entries ORDER BY entry_id ON CONFLICT DO NOTHING`)
      await run('VACUUM ANALYZE')
      await run('CHECKPOINT')
    },
    close: () => client.end(),
  }
}
