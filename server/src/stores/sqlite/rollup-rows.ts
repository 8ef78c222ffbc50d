import type { DatabaseSync } from 'node:sqlite'
import { cellId, DIMENSIONS, MEASURES, type RollupAdd, type Sums } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Value } from '../rows/columns.ts'
import { type KeptCell, keptCells } from '../rows/kept-cells.ts'
import { placeholders } from './insert.ts'

export const CELL_COLUMNS = ['tenant_id', 'cube', 'grain', 'start_ms', ...Object.values(DIMENSION_COLUMNS)]
const SUM_COLUMNS = Object.values(MEASURE_COLUMNS)
const COLUMNS = [...CELL_COLUMNS, ...SUM_COLUMNS]

type Cell = RollupAdd | KeptCell

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
    const cells = new Map<string, { readonly cell: Cell; readonly sums: bigint[] }>()
    const fold = (cell: Cell) => {
      const id = cellId(cell)
      const there = cells.get(id)
      if (there) addTo(there.sums, cell.sums)
      else cells.set(id, { cell, sums: MEASURES.map((measure) => cell.sums[measure]) })
    }
    return {
      add(rollup) {
        fold(rollup)
        for (const kept of keptCells(rollup)) fold(kept)
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
export function cellValues(cell: Omit<Cell, 'sums'>): Value[] {
  return [cell.tenantId, cell.cube, cell.grain, cell.startMs, ...DIMENSIONS.map((name) => cell.dimensions[name])]
}

/** Most of the measures of most entries are zero. */
function addTo(sums: bigint[], more: Sums): void {
  for (let index = 0; index < MEASURES.length; index++) {
    const amount = more[MEASURES[index]!]
    if (amount !== 0n) sums[index]! += amount
  }
}
