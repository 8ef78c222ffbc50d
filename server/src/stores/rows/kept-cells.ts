import { type CubeName, CUBES, type Dimension, DIMENSIONS, GRAINS, type RollupAdd } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text } from './columns.ts'

/**
 * Cells that SQL engines keep for themselves beside those that the core knows, so that no question of a dashboard reads as
 * many rows as there are entries:
 *
 * - grain `ever`, cube `account`: what a user, a key or a model has used in its whole life;
 * - grain `day` (of UTC), cubes `quality` and `account`: the same cells as hours, far fewer of them;
 * - grains `day` and `week`, cube `user`: what each user used, whatever it used it on.
 */
export type KeptCell = Omit<RollupAdd, 'cube' | 'grain'> & { readonly cube: string; readonly grain: string }

export const EVER = 'ever'
export const DAY = 'day'
/** Seven days, counted from the first of all. */
export const WEEK = 'week'
/** A cube that is no cube of the core. */
export const USER_CUBE = 'user'
export const DAY_MS = 24 * GRAINS.hour
export const WEEK_MS = 7 * DAY_MS

/** Which cells the core knows. */
export const OF_THE_CORE = `grain IN ('${Object.keys(GRAINS).join(`', '`)}')`

/** A kind of cells that are sums of the hours of a cube. */
interface Kind {
  readonly cube: string
  readonly grain: string
  readonly widthMs: number
  readonly hoursOf: CubeName
  /** What it keeps apart. */
  readonly dimensions: readonly Dimension[]
}

const days = { grain: DAY, widthMs: DAY_MS } as const
const users = { cube: USER_CUBE, hoursOf: 'account', dimensions: ['userId'] } as const
const USER_DAYS: Kind = { ...days, ...users }
const QUALITY_DAYS: Kind = { ...days, cube: 'quality', hoursOf: 'quality', dimensions: CUBES.quality }
const ACCOUNT_DAYS: Kind = { ...days, cube: 'account', hoursOf: 'account', dimensions: CUBES.account }
const USER_WEEKS: Kind = { grain: WEEK, widthMs: WEEK_MS, ...users }

const KINDS = [USER_DAYS, QUALITY_DAYS, ACCOUNT_DAYS, USER_WEEKS]
const KINDS_OF_HOURS = Object.groupBy(KINDS, ({ hoursOf }) => hoursOf)

/** The kept cells that a rollup adds to; they are the sums of hours. */
export function keptCells(rollup: RollupAdd): KeptCell[] {
  const { cube, grain, startMs, dimensions } = rollup
  if (grain !== 'hour') return []
  const user = cube === 'account' ? onlyUser(dimensions) : dimensions
  const cells = KINDS_OF_HOURS[cube]!.map((kind): KeptCell => ({
    ...rollup,
    cube: kind.cube,
    grain: kind.grain,
    startMs: Math.floor(startMs / kind.widthMs) * kind.widthMs,
    dimensions: kind.cube === USER_CUBE ? user : dimensions,
  }))
  if (cube === 'account' && startMs >= 0) cells.push({ ...rollup, grain: EVER, startMs: 0 })
  return cells
}

function onlyUser({ userId }: Readonly<Record<Dimension, string>>): Record<Dimension, string> {
  return { userId, keyId: '', provider: '', model: '', outcome: '', evidence: '' }
}

const SUMS = Object.values(MEASURE_COLUMNS)
const SUM_NAMES = SUMS.join(', ')
const SUMMED = SUMS.map((COLUMN) => `sum(${COLUMN}) AS ${COLUMN}`).join(', ')
const CELL_OF_ALL_TIME = ['tenant_id', 'cube', ...Object.values(DIMENSION_COLUMNS)].join(', ')
const COLUMNS = ['cube', 'grain', 'start_ms', 'tenant_id', ...Object.values(DIMENSION_COLUMNS), ...SUMS].join(', ')

/** The cells of some kinds, out of the hours. */
function outOfHours(...kinds: readonly Kind[]): string {
  return kinds.map(kindOutOfHours).join(' UNION ALL ')
}

function kindOutOfHours({ cube: CUBE, grain: GRAIN, widthMs: WIDTH, hoursOf: HOURS, dimensions }: Kind): string {
  const NAMES = DIMENSIONS.map((name) => `${dimensions.includes(name) ? '' : `'' AS `}${DIMENSION_COLUMNS[name]}`)
  const APART = dimensions.map((name) => DIMENSION_COLUMNS[name])
  // Of an instant before 1970 the remainder is below zero.
  const START = `start_ms - ((start_ms % ${WIDTH}) + ${WIDTH}) % ${WIDTH}`
  return `SELECT '${CUBE}' AS cube, '${GRAIN}' AS grain, ${START} AS start_ms, tenant_id, ${NAMES.join(', ')}, ${SUMMED}
  FROM rollups WHERE cube = '${HOURS}' AND grain = 'hour' GROUP BY tenant_id, ${START}, ${APART.join(', ')}`
}

const FIRST_DAYS = outOfHours(USER_DAYS, QUALITY_DAYS)
const LATER_CELLS = outOfHours(ACCOUNT_DAYS, USER_WEEKS)
const ALL_CELLS = outOfHours(...KINDS)

const MAKE_EVER_CELLS = `
  INSERT INTO rollups (${CELL_OF_ALL_TIME}, grain, start_ms, ${SUM_NAMES})
  SELECT ${CELL_OF_ALL_TIME}, 'ever', 0, ${SUMMED}
  FROM rollups WHERE cube = 'account' AND grain = 'hour' AND start_ms >= 0 GROUP BY ${CELL_OF_ALL_TIME}`
/** The days that were kept first. */
export const MAKE_DAYS = `INSERT INTO rollups (${COLUMNS}) ${FIRST_DAYS}`
export const FORGET_DAYS = `DELETE FROM rollups WHERE grain = 'day'`
/** Those that came later. */
export const MAKE_ACCOUNT_DAYS_AND_WEEKS = `INSERT INTO rollups (${COLUMNS}) ${LATER_CELLS}`
export const FORGET_ACCOUNT_DAYS_AND_WEEKS = `
  DELETE FROM rollups WHERE grain = 'week' OR (grain = 'day' AND cube = 'account')`

/** Kept cells are made anew, out of the hours, where hours were put without them. */
export const MAKE_KEPT_CELLS = [
  `DELETE FROM rollups WHERE NOT ${OF_THE_CORE}`,
  ...[MAKE_EVER_CELLS, MAKE_DAYS, MAKE_ACCOUNT_DAYS_AND_WEEKS],
]

/** What `made` and `kept` do not agree about. */
const DIFFERING = `
  SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM kept) AS missing
  UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM made) AS surplus`

/** Users whose cells of all time are not the sums of those of hours. */
export const WRONG_EVER = `
  WITH made AS (SELECT ${CELL_OF_ALL_TIME}, ${SUMMED} FROM rollups
      WHERE cube = 'account' AND grain = 'hour' AND start_ms >= 0 GROUP BY ${CELL_OF_ALL_TIME}),
    kept AS (SELECT ${CELL_OF_ALL_TIME}, ${SUM_NAMES} FROM rollups WHERE cube = 'account' AND grain = 'ever')
  SELECT DISTINCT user_id FROM (${DIFFERING}) AS wrong`

/** Days and weeks of users, and of all together (`user_id` is then empty), that are not the sums of their hours. */
export const WRONG_SUMS_OF_HOURS = `
  WITH made AS (SELECT ${COLUMNS} FROM (${ALL_CELLS}) AS hours),
    kept AS (SELECT ${COLUMNS} FROM rollups WHERE grain IN ('day', 'week'))
  SELECT DISTINCT user_id, grain, start_ms FROM (${DIFFERING}) AS wrong`

/** What is wrong with a row of WRONG_EVER, for people. */
export function wrongEver({ user_id: id }: Row): string {
  return `what user ${text(id)} has ever used differs from the sum of its hours`
}

/** What is wrong with a row of WRONG_SUMS_OF_HOURS, for people. */
export function wrongSum({ user_id: id, grain, start_ms: startMs }: Row): string {
  const of = id === '' ? 'all calls' : `user ${text(id)}`
  return `what ${of} used in the ${text(grain)} that begins at ${startMs} differs from the sum of its hours`
}
