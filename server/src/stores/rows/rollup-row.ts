import { type Dimension, DIMENSIONS, type Measure, MEASURES, type RollupAdd, type Sums } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Row, text, type Value } from './columns.ts'
import type { KeptCell } from './kept-cells.ts'

/** Where a cell is: the key of the table. */
export const CELL_COLUMNS = ['tenant_id', 'cube', 'grain', 'start_ms', ...Object.values(DIMENSION_COLUMNS)]

/** The values of CELL_COLUMNS. */
export function cellValues(cell: Omit<RollupAdd | KeptCell, 'sums'>): Value[] {
  return [cell.tenantId, cell.cube, cell.grain, cell.startMs, ...DIMENSIONS.map((name) => cell.dimensions[name])]
}

export function rollupFrom(row: Row): RollupAdd {
  const dimensions = Object.fromEntries(DIMENSIONS.map((name) => [name, text(row[DIMENSION_COLUMNS[name]])]))
  return {
    tenantId: text(row.tenant_id),
    cube: row.cube as RollupAdd['cube'],
    grain: row.grain as RollupAdd['grain'],
    startMs: Number(row.start_ms),
    dimensions: dimensions as Record<Dimension, string>,
    sums: sumsFrom(row),
  }
}

export function sumsFrom(row: Row): Sums {
  const sums = Object.fromEntries(MEASURES.map((measure) => [measure, row[MEASURE_COLUMNS[measure]]]))
  return sums as Record<Measure, bigint>
}
