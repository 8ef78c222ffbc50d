import type { DatabaseSync } from 'node:sqlite'
import { cellId, DIMENSIONS, MEASURES, type RollupAdd } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, placeholders } from './columns.ts'
import type { Value } from './entry-row.ts'

export const CELL_COLUMNS = ['tenant_id', 'cube', 'grain', 'start_ms', ...Object.values(DIMENSION_COLUMNS)]
const SUM_COLUMNS = Object.values(MEASURE_COLUMNS)
const COLUMNS = [...CELL_COLUMNS, ...SUM_COLUMNS]

/** The rollups of one batch: adds to the same cell become one, and one statement adds it. */
export interface RollupBatch {
  add(rollup: RollupAdd): void
  write(written: () => void): void
}

export function rollupRows(database: DatabaseSync): () => RollupBatch {
  const upsert = database.prepare(`
    INSERT INTO rollups (${COLUMNS.join(', ')}) VALUES ${placeholders(COLUMNS.length)}
    ON CONFLICT (${CELL_COLUMNS.join(', ')}) DO UPDATE SET
    ${SUM_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')}`)

  return () => {
    const cells = new Map<string, { readonly cell: RollupAdd; readonly sums: bigint[] }>()
    return {
      add(rollup) {
        const id = cellId(rollup)
        const there = cells.get(id)
        if (there) MEASURES.forEach((measure, index) => (there.sums[index]! += rollup.sums[measure]))
        else cells.set(id, { cell: rollup, sums: MEASURES.map((measure) => rollup.sums[measure]) })
      },
      write(written) {
        for (const { cell, sums } of cells.values()) {
          upsert.run(...cellValues(cell), ...sums)
          written()
        }
      },
    }
  }
}

/** The values of CELL_COLUMNS. */
export function cellValues(cell: Omit<RollupAdd, 'sums'>): Value[] {
  return [cell.tenantId, cell.cube, cell.grain, cell.startMs, ...DIMENSIONS.map((name) => cell.dimensions[name])]
}
