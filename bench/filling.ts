import { counterId, counterOf } from '../server/src/core/counter.ts'
import type { PlacedEntry } from '../server/src/core/entry.ts'
import { MEASURES, rollupsOf } from '../server/src/core/rollup.ts'
import { BUCKET_COLUMNS, DIMENSION_COLUMNS, MEASURE_COLUMNS, type Value } from '../server/src/stores/rows/columns.ts'
import { MAKE_KEPT_CELLS } from '../server/src/stores/rows/kept-cells.ts'
import { ENTRY_COLUMNS } from '../server/src/stores/rows/entry-row.ts'
import { QUARTERS_A_DAY, type Slot, type Template } from './ledger-shape.ts'
import type { Loader } from './loaders.ts'

/**
 * Fills a ledger past the product's own door, in the engine's own tables: each entry is a copy of a template, and the
 * rollups and counters are the sums of what was put, so that `verify` finds nothing wrong.
 */

const WRITER = 'bench-filling'
const SEQUENCE = '(slots.before + numbers.n)'
const AT = 'slots.start_ms + numbers.n * 900000 / slots.entries'
const DAYS_A_MONTH = 28

const NAMES = ENTRY_COLUMNS.map(([column]) => column)
const COORDINATES = Object.values(DIMENSION_COLUMNS)
const SUMS = Object.values(MEASURE_COLUMNS)

/** What copies do not take from their template. */
const OWN: Readonly<Record<string, (loader: Loader, laterMs: number) => string>> = {
  entry_id: ({ padded }) => `'01990000-0000-7000-8000-' || ${padded(SEQUENCE)}`,
  call_id: ({ padded }) => `'01990000-0000-7000-9000-' || ${padded(SEQUENCE)}`,
  writer_id: () => `'${WRITER}'`,
  seq: () => `${SEQUENCE} + 1`,
  counted_at_ms: (_, laterMs) => `${AT} + ${laterMs}`,
  occurred_at_ms: () => AT,
}

/** What a ledger is filled with. */
export interface Filling {
  readonly kinds: readonly Template[]
  readonly slots: readonly Slot[]
  /** How long after it happened each entry was counted: 0 for calls, something else for events that are told later. */
  readonly laterMs: number
}

/** @param told Is told of the entries that are there after each day. */
export async function fill(
  loader: Loader,
  { kinds, slots, laterMs }: Filling,
  told: (entries: number) => void,
): Promise<void> {
  const days = slots.length / QUARTERS_A_DAY
  await loader.begin(Math.ceil(days / DAYS_A_MONTH) + 1)
  await putTemplates(loader, kinds)
  await loader.run('CREATE TEMPORARY TABLE slots (start_ms bigint, entries bigint, before bigint)')
  await loader.run('CREATE TEMPORARY TABLE numbers (n bigint PRIMARY KEY)')
  const most = Math.max(...slots.map(({ entries }) => entries))
  const numbers = Array.from({ length: most }, (_, n) => [n])
  await loader.insert('numbers', ['n'], numbers)
  // Written as a cross join, SQLite takes the tables in this order.
  const from = `FROM slots CROSS JOIN numbers CROSS JOIN templates WHERE numbers.n < slots.entries
    AND templates.at = (${SEQUENCE} * 2654435761 % 4294967296) * ${kinds.length} / 4294967296`
  const columns = NAMES.map((name) => OWN[name]?.(loader, laterMs) ?? `templates.${name}`)
  for (let at = 0; at < slots.length; at += QUARTERS_A_DAY) {
    const day = slots.slice(at, at + QUARTERS_A_DAY)
    await loader.run('DELETE FROM slots')
    const rows = day.map(({ startMs, entries, before }) => [startMs, entries, before])
    await loader.insert('slots', ['start_ms', 'entries', 'before'], rows)
    await loader.run(`INSERT INTO entries (${NAMES.join(', ')}) SELECT ${columns.join(', ')} ${from}
      ${loader.inOrderOf('slots.start_ms, numbers.n')}`)
    await loader.run(quartersOf(from))
    told(day.at(-1)!.before + day.at(-1)!.entries)
  }
  const { before, entries } = slots.at(-1)!
  const values = `'${WRITER}', ${before + entries}, 0, 1`
  await loader.run(`INSERT INTO writers (writer_id, seq, lease_until_ms, commits) VALUES (${values})`)
  for (const sql of coarserCells(slots[0]!.startMs)) await loader.run(sql)
  await settleUsers(loader)
  await loader.end()
}

async function putTemplates(loader: Loader, kinds: readonly Template[]): Promise<void> {
  const sums = SUMS.map((name) => `sum_${name}`)
  await loader.run('CREATE TEMPORARY TABLE templates AS SELECT * FROM entries LIMIT 0')
  for (const name of [...sums, 'at']) await loader.run(`ALTER TABLE templates ADD COLUMN ${name} bigint`)
  await loader.run('CREATE INDEX templates_at ON templates (at)')
  await loader.insert('templates', [...NAMES, ...sums, 'at'], kinds.map(templateRow))
}

function templateRow(kind: Template, at: number): Value[] {
  const entry: PlacedEntry = { ...kind, id: '', callId: '', writerId: '', seq: 0, countedAtMs: 0, occurredAtMs: 0 }
  const { sums } = rollupsOf(entry)[0]!
  return [...ENTRY_COLUMNS.map(([, value]) => value(entry)), ...MEASURES.map((measure) => sums[measure]), at]
}

function quartersOf(from: string): string {
  const cell = ['slots.start_ms', 'templates.tenant_id', ...COORDINATES.map((name) => `templates.${name}`)].join(', ')
  return `INSERT INTO rollups (cube, grain, start_ms, tenant_id, ${[...COORDINATES, ...SUMS].join(', ')})
    SELECT 'account', 'quarter', ${cell}, ${SUMS.map((name) => `sum(templates.sum_${name})`).join(', ')} ${from}
    GROUP BY ${cell} ORDER BY ${cell}`
}

/** All other cells, each kind out of finer ones. What a store keeps for all time is made anew. */
function coarserCells(firstMs: number): string[] {
  const hour = 'start_ms - start_ms % 3600000'
  const quality = { user_id: `''`, key_id: `''` }
  return [
    cells({ cube: 'account', grain: 'hour', start: hour, outOf: `cube = 'account' AND grain = 'quarter'`, firstMs }),
    cells({ cube: 'quality', grain: 'quarter', outOf: `cube = 'account' AND grain = 'quarter'`, firstMs, ...quality }),
    cells({ cube: 'quality', grain: 'hour', start: hour, outOf: `cube = 'quality' AND grain = 'quarter'`, firstMs }),
    ...MAKE_KEPT_CELLS,
  ]
}

interface Cells {
  readonly cube: string
  readonly grain: string
  /** In SQL; where it is not given, that of the finer cells. */
  readonly start?: string
  readonly outOf: string
  readonly firstMs: number
  /** In SQL; where they are not given, those of the finer cells. */
  readonly user_id?: string
  readonly key_id?: string
}

function cells({ cube, grain, start = 'start_ms', outOf, firstMs, ...given }: Cells): string {
  const coordinates = COORDINATES.map((name) => (given as Record<string, string>)[name] ?? name)
  const group = [start, 'tenant_id', ...coordinates].filter((sql) => sql !== '0' && sql !== `''`).join(', ')
  return `INSERT INTO rollups (cube, grain, start_ms, tenant_id, ${[...COORDINATES, ...SUMS].join(', ')})
    SELECT '${cube}', '${grain}', ${[start, 'tenant_id', ...coordinates].join(', ')},
      ${SUMS.map((name) => `sum(${name})`).join(', ')}
    FROM rollups WHERE ${outOf} AND start_ms >= ${firstMs} GROUP BY ${group} ORDER BY ${group}`
}

/** The lifetime counters, which were there before the entries. */
async function settleUsers(loader: Loader): Promise<void> {
  const used = await loader.rows(`SELECT user_id, sum(${BUCKET_COLUMNS.join(' + ')}) AS tokens FROM rollups
    WHERE cube = 'account' AND grain = 'ever' GROUP BY user_id`)
  for (const { user_id: id, tokens } of used) {
    const scope = { kind: 'user', id: String(id) } as const
    const counter = { tenantId: 'default', scope, metric: 'tokens', window: { kind: 'lifetime' } } as const
    const of = counterId(counterOf({ ...counter, id: '', amount: null, mode: 'hard' }, 0))
    await loader.run(`UPDATE counters SET settled = ${tokens} WHERE counter_id = '${of}'`)
  }
}
