import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { cellId, MEASURES, type RollupAdd, type Sums } from '../../core/rollup.ts'
import { MEASURE_COLUMNS, type Value } from '../rows/columns.ts'
import { type KeptCell, keptCells } from '../rows/kept-cells.ts'
import { CELL_COLUMNS, cellValues } from '../rows/rollup-row.ts'
import { placeholders } from './insert.ts'

const SUM_COLUMNS = Object.values(MEASURE_COLUMNS)
const COLUMNS = [...CELL_COLUMNS, ...SUM_COLUMNS]

type Cell = RollupAdd | KeptCell

/** The rollups of one batch: adds to the same cell become one, and one statement adds it. */
export interface RollupBatch {
  /** What one entry adds. */
  add(rollups: readonly RollupAdd[]): void
  write(written: () => void): void
}

/** Cells that entries have in common, with what they add to each of them. */
interface Common {
  readonly cells: readonly RollupAdd[]
  readonly sums: bigint[]
}

export function rollupRows(database: DatabaseSync): () => RollupBatch {
  const add = cellAdder(database)

  return () => {
    // By the finest cell: entries that share it share all others.
    const byFinest = new Map<string, Common>()
    return {
      add(rollups) {
        const [finest] = rollups
        if (!finest) return
        const id = cellId(finest)
        const there = byFinest.get(id)
        if (there) addTo(there.sums, finest.sums)
        else byFinest.set(id, { cells: rollups, sums: MEASURES.map((measure) => finest.sums[measure]) })
      },
      write(written) {
        for (const { cell, sums } of cellsOf(byFinest.values())) {
          add(cellValues(cell), sums)
          written()
        }
      },
    }
  }
}

/** Adds to a cell only what is not zero, which most measures of most entries are; most cells are there. */
function cellAdder(database: DatabaseSync): (cell: readonly Value[], sums: readonly bigint[]) => void {
  const insert = database.prepare(`INSERT INTO rollups (${COLUMNS.join(', ')}) VALUES ${placeholders(COLUMNS.length)}`)
  const updates = new Map<number, StatementSync>()

  return (cell, sums) => {
    const added = sums.filter((sum) => sum !== 0n)
    const which = sums.reduce((bits, sum, index) => (sum === 0n ? bits : bits | (1 << index)), 0)
    let update = updates.get(which)
    if (!update) {
      const CHANGED = SUM_COLUMNS.filter((_, index) => sums[index] !== 0n).map((column) => `${column} = ${column} + ?`)
      const PLACE = CELL_COLUMNS.map((column) => `${column} = ?`)
      update = database.prepare(`UPDATE rollups SET ${CHANGED.join(', ')} WHERE ${PLACE.join(' AND ')}`)
      updates.set(which, update)
    }
    if (update.run(...added, ...cell).changes === 0) insert.run(...cell, ...sums)
  }
}

/** Each cell once, with those that are kept beside. */
function cellsOf(all: Iterable<Common>): Iterable<{ readonly cell: Cell; readonly sums: bigint[] }> {
  const found = new Map<string, { readonly cell: Cell; readonly sums: bigint[] }>()
  for (const { cells, sums } of all)
    for (const cell of cells.flatMap((each) => [each, ...keptCells(each)])) {
      const id = cellId(cell)
      const there = found.get(id)
      if (there) sums.forEach((sum, index) => (there.sums[index]! += sum))
      else found.set(id, { cell, sums: [...sums] })
    }
  return found.values()
}

/** Most of the measures of most entries are zero. */
function addTo(sums: bigint[], more: Sums): void {
  for (let index = 0; index < MEASURES.length; index++) {
    const amount = more[MEASURES[index]!]
    if (amount !== 0n) sums[index]! += amount
  }
}
