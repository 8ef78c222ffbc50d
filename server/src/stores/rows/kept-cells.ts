import { type Dimension, GRAINS, type RollupAdd } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS } from './columns.ts'

/**
 * Cells that SQL engines keep for themselves beside those that the core knows, so that no question of a dashboard reads as
 * many rows as there are entries:
 *
 * - grain `ever`, cube `account`: what a user, a key or a model has used in its whole life;
 * - grain `day` (of UTC), cube `user`: what each user used, whatever it used it on;
 * - grain `day`, cube `quality`: the same cells as hours, a twentieth of them.
 */
export type KeptCell = Omit<RollupAdd, 'cube' | 'grain'> & { readonly cube: string; readonly grain: string }

export const EVER = 'ever'
export const DAY = 'day'
/** The cube of days that is no cube of the core. */
export const USER_CUBE = 'user'
export const DAY_MS = 24 * GRAINS.hour

/** The kept cells that a rollup adds to; they are the sums of hours. */
export function keptCells(rollup: RollupAdd): KeptCell[] {
  const { cube, grain, startMs, dimensions } = rollup
  if (grain !== 'hour') return []
  const dayMs = Math.floor(startMs / DAY_MS) * DAY_MS
  if (cube === 'quality') return [{ ...rollup, grain: DAY, startMs: dayMs }]
  const user = { ...rollup, cube: USER_CUBE, grain: DAY, startMs: dayMs, dimensions: onlyUser(dimensions) }
  return startMs >= 0 ? [{ ...rollup, grain: EVER, startMs: 0 }, user] : [user]
}

function onlyUser({ userId }: Readonly<Record<Dimension, string>>): Record<Dimension, string> {
  return { userId, keyId: '', provider: '', model: '', outcome: '', evidence: '' }
}

const SUMS = Object.values(MEASURE_COLUMNS)
const CELL = ['cube', 'grain', 'start_ms', 'tenant_id', ...Object.values(DIMENSION_COLUMNS)]
/** Of an instant before 1970 the remainder is below zero. */
const TO_DAY = `start_ms - ((start_ms % ${DAY_MS}) + ${DAY_MS}) % ${DAY_MS}`
const SUM_NAMES = SUMS.join(', ')
const SUMMED = SUMS.map((COLUMN) => `sum(${COLUMN}) AS ${COLUMN}`).join(', ')
const HOURS_AS_DAYS = `
  SELECT 'user' AS cube, 'day' AS grain, ${TO_DAY} AS start_ms, tenant_id, user_id, '' AS key_id, '' AS provider,
    '' AS model, '' AS outcome, '' AS evidence, ${SUMMED}
  FROM rollups WHERE cube = 'account' AND grain = 'hour' GROUP BY tenant_id, ${TO_DAY}, user_id
  UNION ALL
  SELECT 'quality', 'day', ${TO_DAY}, tenant_id, '', '', provider, model, outcome, evidence, ${SUMMED}
  FROM rollups WHERE cube = 'quality' AND grain = 'hour'
  GROUP BY tenant_id, ${TO_DAY}, provider, model, outcome, evidence`
const COLUMNS = [...CELL, ...SUMS].join(', ')

const CELL_OF_ALL_TIME = ['tenant_id', 'cube', ...Object.values(DIMENSION_COLUMNS)].join(', ')

/** Kept cells are made anew, out of the hours, where hours were put without them. */
export const FORGET_KEPT_CELLS = `DELETE FROM rollups WHERE grain IN ('ever', 'day')`
export const MAKE_EVER_CELLS = `
  INSERT INTO rollups (${CELL_OF_ALL_TIME}, grain, start_ms, ${SUM_NAMES})
  SELECT ${CELL_OF_ALL_TIME}, 'ever', 0, ${SUMMED}
  FROM rollups WHERE cube = 'account' AND grain = 'hour' AND start_ms >= 0 GROUP BY ${CELL_OF_ALL_TIME}`
/** All days, out of the hours. */
export const MAKE_DAYS = `INSERT INTO rollups (${COLUMNS}) ${HOURS_AS_DAYS}`
export const FORGET_DAYS = `DELETE FROM rollups WHERE grain = 'day'`

/** The days of users, and of all together (`user_id` is then empty), that are not the sums of their hours. */
export const WRONG_DAYS = `
  WITH made AS (SELECT ${COLUMNS} FROM (${HOURS_AS_DAYS}) AS hours),
    kept AS (SELECT ${COLUMNS} FROM rollups WHERE grain = 'day')
  SELECT DISTINCT user_id, start_ms FROM (
    SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM kept) AS missing
    UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM made) AS surplus) AS wrong`
