import { DIMENSION_COLUMNS, MEASURE_COLUMNS } from './columns.ts'

const CELL = ['tenant_id', 'cube', ...Object.values(DIMENSION_COLUMNS)].join(', ')
const MEASURES = Object.values(MEASURE_COLUMNS)

/** The cells of all time that SQL engines keep beside the hours: made anew, where hours were put without them. */
export const FORGET_EVER_CELLS = `DELETE FROM rollups WHERE grain = 'ever'`
export const MAKE_EVER_CELLS = `
  INSERT INTO rollups (${CELL}, grain, start_ms, ${MEASURES.join(', ')})
  SELECT ${CELL}, 'ever', 0, ${MEASURES.map((COLUMN) => `sum(${COLUMN})`).join(', ')}
  FROM rollups WHERE cube = 'account' AND grain = 'hour' AND start_ms >= 0 GROUP BY ${CELL}`
