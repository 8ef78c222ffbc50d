import type { Connections } from './connection.ts'

/** So many months have their partition before anything happens in them. */
const MONTHS_AHEAD = 3
const LOOK_EVERY_MS = 6 * 3_600_000

/**
 * Makes partitions of months to come, now and a few times a day. It waits for nobody: where somebody reads everything
 * just then, there are months left to try again, and what has no partition goes into the default one.
 */
export function monthsAhead(connections: Connections): () => Promise<void> {
  let lookedAtMs = -Infinity
  return async () => {
    if (performance.now() - lookedAtMs < LOOK_EVERY_MS) return
    lookedAtMs = performance.now()
    const [missing] = await connections.ask(MISSING, [MONTHS_AHEAD])
    if (missing!.months === 0n) return
    await connections.lend(async (connection) => {
      await connection.query('BEGIN')
      try {
        await connection.query(`SET LOCAL lock_timeout = '200ms'`)
        await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('token-trackr months', 0))::text`)
        await connection.query('SELECT make_entry_month(ahead)::text FROM generate_series(0, $1) AS ahead', [
          MONTHS_AHEAD,
        ])
        await connection.query('COMMIT')
      } catch {
        await connection.query('ROLLBACK').catch(() => undefined)
      }
    })
  }
}

const MISSING = `
  SELECT count(*) AS months FROM generate_series(0, $1::int) AS ahead
  WHERE to_regclass('entries_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead), 'YYYY_MM'))
    IS NULL`
