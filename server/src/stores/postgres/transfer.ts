import type { PlacedEntry } from '../../core/entry.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import { EMPTY_MINUTE, type MinuteRow } from '../../core/minute.ts'
import type { PartName, Parts, TransferSource, TransferTarget } from '../../core/ports/transfer.ts'
import { MAKE_KEPT_CELLS } from '../rows/kept-cells.ts'
import { type PartTable, partTables } from '../rows/part-tables.ts'
import { SELECT_MARKER, transferReads } from '../rows/transfer-reads.ts'
import { type Connection, connections, rowsText, unavailable } from './connection.ts'
import { LATEST_VERSION, migrate, versionOf } from './migrations.ts'
import { numbered, type Rows } from './page-queries.ts'
import { freeze, type Frozen } from './report-store.ts'
import { type Transactions, transactions } from './transaction.ts'

const TABLES = partTables({
  value: ({ buckets }) => buckets.flatMap((one) => [one.startMs, one.settled, one.held]),
  from: minuteFrom,
})

/** A database to read as a whole; it is not changed. Rejects with StoreUnavailable where its schema is not the latest. */
export async function postgresSource(url: string): Promise<TransferSource> {
  const own = connections(url, { most: 1, statementMs: 0 })
  try {
    const version = await versionOf(own)
    if (version !== LATEST_VERSION) throw new StoreUnavailable(`The source has schema ${version}: ${BRING_UP}`)
  } catch (error) {
    await own.close()
    throw unavailable(error)
  }
  let frozen: Frozen | undefined
  const rows: Rows = async (sql, ...values) => {
    if (!frozen) return own.ask(sql, values)
    return frozen.connection.query(sql, values).catch((error: unknown) => {
      throw unavailable(error)
    })
  }
  return {
    ...reads(rows),
    async freeze() {
      frozen ??= await freeze(url)
    },
    async close() {
      await frozen?.release()
      await own.close()
    },
  }
}

/** A database to make a ledger in, brought up to the latest schema. `crashPoint` is told each step, for tests. */
export async function postgresTarget(url: string, crashPoint?: (name: string) => void): Promise<TransferTarget> {
  const own = connections(url, { most: 1, statementMs: 0 })
  const rows: Rows = (sql, ...values) => own.ask(sql, values)
  try {
    await migrate(own)
  } catch (error) {
    await own.close()
    throw unavailable(error)
  }
  return { ...reads(rows), ...writes(transactions(own, crashPoint)), close: () => own.close() }
}

function reads(rows: Rows) {
  return transferReads(
    (sql, ...values) => rows(numbered(sql), ...values),
    TABLES,
    () => rows(LIVING),
  )
}

function writes({ write, reached }: Transactions) {
  let mine: string | undefined

  /** Whoever would begin another copy waits until the transaction ends. */
  function whileMine(work: (connection: Connection) => Promise<void>): Promise<void> {
    return write(async (connection) => {
      const [row] = await connection.query(`${SELECT_MARKER} FOR UPDATE`)
      if (mine === undefined || row?.value !== mine) throw new StoreUnavailable('another copy was begun here meanwhile')
      await work(connection)
    })
  }

  async function putRows<Name extends PartName>(
    connection: Connection,
    part: Name,
    rows: readonly Parts[Name][],
  ): Promise<void> {
    const { table: TABLE, key, columns } = TABLES[part] as PartTable<Parts[Name]>
    const names = columns.map(([name]) => name)
    const [KEY, COLUMNS] = [key.join(', '), names.join(', ')]
    const CHANGED = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`)
    // Entries are told apart by their sequence, which no index over all months could hold.
    const CONFLICT = part === 'entries' ? '' : `ON CONFLICT (${KEY}) DO UPDATE SET ${CHANGED.join(', ')}`
    await connection.query(
      `INSERT INTO ${TABLE} (${COLUMNS}) SELECT ${COLUMNS}
       FROM json_populate_recordset(NULL::${TABLE}, $1::json -> 'rows') ${CONFLICT}`,
      [rowsText({ rows: rows.map((row) => Object.fromEntries(columns.map(([name, value]) => [name, value(row)]))) })],
    )
  }

  async function putEntries(connection: Connection, entries: readonly PlacedEntry[]): Promise<void> {
    const last = entries.at(-1)!
    const [writer] = await connection.query(SEQUENCE, [last.writerId])
    const fresh = entries.filter((entry) => entry.seq > Number(writer?.seq ?? 0))
    const [ids, tenants, times] = [
      fresh.map(({ id }) => id),
      fresh.map(({ tenantId }) => tenantId),
      fresh.map(({ occurredAtMs }) => occurredAtMs),
    ]
    await connection.query(MAKE_MONTHS, [times])
    await putRows(connection, 'entries', fresh)
    await connection.query(PUT_IDS, [ids, tenants, times])
    await connection.query(RAISE_SEQUENCE, [last.writerId, last.seq])
  }

  return {
    mark: (next: string, seen: string | undefined) =>
      write(async (connection) => {
        const rows = await connection.query(seen === undefined ? NEW_MARKER : NEXT_MARKER, [
          ...(seen === undefined ? [next] : [next, seen]),
        ])
        if (rows.length === 0) return false
        reached('marked')
        mine = next
        return true
      }),
    put: <Name extends PartName>(part: Name, rows: readonly Parts[Name][]) =>
      whileMine(async (connection) => {
        if (part === 'entries') await putEntries(connection, rows as readonly PlacedEntry[])
        else await putRows(connection, part, rows)
        reached('piece put')
      }),
    forgetHolds: () =>
      whileMine(async (connection) => {
        await connection.query('DELETE FROM holds')
        reached('holds forgotten')
      }),
    complete: () =>
      whileMine(async (connection) => {
        for (const sql of MAKE_KEPT_CELLS) await connection.query(sql)
        // Plans of statements are made by what the tables are thought to hold, which was nothing.
        await connection.query('ANALYZE')
        reached('completed')
      }),
  }
}

/** `{start,settled,held,start,…}`, as PostgreSQL writes an array. */
function minuteFrom(array: string): MinuteRow {
  const numbers = array.slice(1, -1)
  if (numbers === '') return EMPTY_MINUTE
  const all = numbers.split(',')
  const buckets = Array.from({ length: all.length / 3 }, (_, index) => {
    const [startMs, settled, held] = all.slice(index * 3)
    return { startMs: Number(startMs), settled: BigInt(settled!), held: BigInt(held!) }
  })
  return { buckets }
}

const BRING_UP = `this program reads ${LATEST_VERSION}. Bring it up first: token-trackr migrate up`
const LIVING = `
  SELECT writer_id FROM writers WHERE lease_until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
const SEQUENCE = 'SELECT seq FROM writers WHERE writer_id = $1 FOR UPDATE'
const RAISE_SEQUENCE = `
  INSERT INTO writers (writer_id, seq, commits) VALUES ($1, $2, 1)
  ON CONFLICT (writer_id) DO UPDATE SET seq = greatest(writers.seq, excluded.seq), commits = writers.commits + 1`
const PUT_IDS = `
  INSERT INTO entry_ids (entry_id, tenant_id, occurred_at_ms)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])`
/** Of months that are past, too, unless they are so long ago, or so far ahead, that somebody's clock was wrong. */
const MAKE_MONTHS = `
  SELECT make_entry_month(ahead)::text FROM (
    SELECT DISTINCT ((extract(year FROM at) - extract(year FROM today)) * 12
      + extract(month FROM at) - extract(month FROM today))::int AS ahead
    FROM (SELECT to_timestamp(ms / 1000.0) AT TIME ZONE 'UTC' AS at, now() AT TIME ZONE 'UTC' AS today
      FROM unnest($1::bigint[]) AS ms) AS times) AS months
  WHERE ahead BETWEEN -120 AND 3`
const NEW_MARKER = `INSERT INTO settings (name, value) VALUES ('copy', $1) ON CONFLICT DO NOTHING RETURNING value`
const NEXT_MARKER = `UPDATE settings SET value = $1 WHERE name = 'copy' AND value = $2 RETURNING value`
