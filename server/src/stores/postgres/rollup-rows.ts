import { cellId, DIMENSIONS, MEASURES, type RollupAdd, type Sums } from '../../core/rollup.ts'
import { DIMENSION_COLUMNS, MEASURE_COLUMNS, type Value } from '../rows/columns.ts'
import { type KeptCell, keptCells } from '../rows/kept-cells.ts'

type Cell = Omit<RollupAdd | KeptCell, 'sums'>

/** The cells of a batch in an order that is the same for every process, and which sums go into which. */
export interface RollupRows {
  add(plan: number, rollups: readonly RollupAdd[]): void
  /** `links` name sums and cells by their places, from 1. */
  rows(): { cells: object[]; sums: object[]; linkSums: number[]; linkCells: number[] }
}

export function rollupRows(): RollupRows {
  const cells = new Map<string, Cell>()
  const sums: object[] = []
  const links: { readonly sumsAt: number; readonly cell: string }[] = []

  function link(cell: Cell, sumsAt: number): void {
    const id = cellId(cell)
    cells.set(id, cell)
    links.push({ sumsAt, cell: id })
  }

  return {
    add(plan, rollups) {
      // What a plan adds to its cells is one and the same as a rule: it travels once.
      const places = new Map<Sums, number>()
      for (const rollup of rollups) {
        let sumsAt = places.get(rollup.sums)
        if (sumsAt === undefined) {
          places.set(rollup.sums, (sumsAt = sums.length + 1))
          sums.push({ sums_at: sumsAt, plan, ...sumsRow(rollup.sums) })
        }
        link(rollup, sumsAt)
        for (const kept of keptCells(rollup)) link(kept, sumsAt)
      }
    },
    rows() {
      const order = [...cells.keys()].toSorted()
      const placeOf = new Map(order.map((id, index) => [id, index + 1]))
      return {
        cells: order.map((id, index) => ({ cell_at: index + 1, ...cellRow(cells.get(id)!) })),
        sums,
        linkSums: links.map(({ sumsAt }) => sumsAt),
        linkCells: links.map(({ cell }) => placeOf.get(cell)!),
      }
    },
  }
}

function sumsRow(sums: Sums): Record<string, bigint> {
  return Object.fromEntries(MEASURES.map((measure) => [MEASURE_COLUMNS[measure], sums[measure]]))
}

function cellRow({ tenantId, cube, grain, startMs, dimensions }: Cell): Record<string, Value> {
  const row: Record<string, Value> = { tenant_id: tenantId, cube, grain, start_ms: startMs }
  for (const name of DIMENSIONS) row[DIMENSION_COLUMNS[name]] = dimensions[name]
  return row
}
