import type { Migration } from './migration.ts'

const BUCKETS = [
  'in_uncached',
  'in_cache_read',
  'in_cache_write5m',
  'in_cache_write1h',
  'in_cache_write_other',
  'in_audio',
  'in_image',
  'in_tool_prompt',
  'out_text',
  'out_reasoning',
  'out_audio',
  'out_image',
]
const CELL = 'tenant_id, cube, grain, start_ms, user_id, key_id, provider, model, outcome, evidence'
const SUMS = [...BUCKETS, 'entries', 'requests', 'cost_nano_usd', 'unpriced', 'unknown', 'duration_ms']

/** The cube of accounts, anew out of the entries: cells of one width, which begin at `START`. */
const fromEntries = (GRAIN: string, START: string, CONDITION: string) => `
  INSERT INTO rollups (${CELL}, ${SUMS.join(', ')})
  SELECT tenant_id, 'account', '${GRAIN}', ${START} AS start, user_id, key_id, provider, model, outcome, evidence,
    ${BUCKETS.map((COLUMN) => `sum(coalesce(${COLUMN}, 0))`).join(', ')},
    count(*), sum(ending <> 'voided'), sum(coalesce(cost_nano_usd, 0)), sum(cost_nano_usd IS NULL),
    sum(coalesce(${BUCKETS.join(', ')}) IS NULL), sum(duration_ms)
  FROM entries WHERE ${CONDITION}
  GROUP BY tenant_id, start, user_id, key_id, provider, model, outcome, evidence;`

/** Of an instant before 1970 the remainder is below zero. */
const floorTo = (WIDTH: number) => `occurred_at_ms - ((occurred_at_ms % ${WIDTH}) + ${WIDTH}) % ${WIDTH}`

const QUARTERS = fromEntries('quarter', floorTo(900_000), 'true')
const HOURS = fromEntries('hour', floorTo(3_600_000), 'true')
const EVER = fromEntries('ever', '0', 'occurred_at_ms >= 0')

/** How the calls of one user went, and how well we know: the cube of accounts keeps outcome and evidence apart. */
export const qualities: Migration = {
  up: `
    DELETE FROM rollups WHERE cube = 'account';
    ${QUARTERS}
    ${HOURS}
    ${EVER}
  `,
  down: `
    CREATE TEMP TABLE accounts AS
      SELECT tenant_id, cube, grain, start_ms, user_id, key_id, provider, model, '' AS outcome, '' AS evidence,
        ${SUMS.map((COLUMN) => `sum(${COLUMN}) AS ${COLUMN}`).join(', ')}
      FROM rollups WHERE cube = 'account'
      GROUP BY tenant_id, cube, grain, start_ms, user_id, key_id, provider, model;
    DELETE FROM rollups WHERE cube = 'account';
    INSERT INTO rollups (${CELL}, ${SUMS.join(', ')}) SELECT ${CELL}, ${SUMS.join(', ')} FROM accounts;
    DROP TABLE accounts;
  `,
}
