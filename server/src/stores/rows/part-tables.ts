import type { Tenant } from '../../core/account.ts'
import type { PartName, Parts, PlacedCounter } from '../../core/ports/transfer.ts'
import type { RefusalCount } from '../../core/refusal.ts'
import { MEASURES, type RollupAdd } from '../../core/rollup.ts'
import { isMinute } from '../../core/counter.ts'
import { EMPTY_MINUTE, type MinuteRow } from '../../core/minute.ts'
import { KEY_COLUMNS, keyFrom, LIMIT_COLUMNS, limitFrom, USER_COLUMNS, userFrom } from './account-rows.ts'
import { MEASURE_COLUMNS, type Row, text, type Value } from './columns.ts'
import { CROSSING_COLUMNS, crossingFrom } from './crossing-row.ts'
import { DELIVERY_COLUMNS, deliveryFrom } from './delivery-row.ts'
import { ENTRY_COLUMNS, entryFrom } from './entry-row.ts'
import { HOLD_COLUMNS, holdFrom } from './hold-row.ts'
import { PRICE_COLUMNS, priceFrom } from './price-row.ts'
import { COUNT_COLUMNS, countValues, REFUSAL_COLUMNS, refusalFrom, refusalSumFrom } from './refusal-row.ts'
import { CELL_COLUMNS, cellValues, rollupFrom } from './rollup-row.ts'

/** A part of a ledger as a table of SQL engines: its key is what rows are ordered and told apart by. */
export interface PartTable<Noun> {
  readonly table: string
  readonly key: readonly string[]
  readonly columns: readonly (readonly [column: string, value: (noun: Noun) => Value | readonly Value[]])[]
  readonly from: (row: Row) => Noun
}
export type PartTables = { readonly [Name in PartName]: PartTable<Parts[Name]> }

/** How an engine keeps the sub-buckets of sliding minutes. */
export interface MinuteColumn {
  readonly value: (minute: MinuteRow) => Value | readonly Value[]
  readonly from: (value: string) => MinuteRow
}

/** The tables of an engine; the names and meanings of all columns but one are those of every SQL engine. */
export function partTables(minutes: MinuteColumn): PartTables {
  return { ...TABLES, counters: counterTable(minutes) }
}

const SETTING_COLUMNS: PartTable<Parts['settings']>['columns'] = [
  ['name', ({ name }) => name],
  ['value', ({ value }) => value],
]
const TENANT_COLUMNS: PartTable<Tenant>['columns'] = [
  ['tenant_id', ({ id }) => id],
  ['version', ({ version }) => version],
]
const INGEST_KEY_COLUMNS: PartTable<Parts['ingestKeys']>['columns'] = [
  ['tenant_id', ({ tenantId }) => tenantId],
  ['source', ({ source }) => source],
  ['ingest_id', ({ id }) => id],
  ['entry_id', ({ entryId }) => entryId],
  ['digest', ({ digest }) => digest],
]
const COUNTED = ['tenant_id', 'scope_kind', 'scope_id', 'metric', 'window_kind', 'window_unit', 'window_zone']

const TABLES: Omit<PartTables, 'counters'> = {
  settings: {
    ...{ table: 'settings', key: ['name'], columns: SETTING_COLUMNS },
    from: (row) => ({ name: text(row.name), value: text(row.value) }),
  },
  tenants: {
    ...{ table: 'tenants', key: ['tenant_id'], columns: TENANT_COLUMNS },
    from: (row) => ({ id: text(row.tenant_id), version: Number(row.version) }),
  },
  users: { table: 'users', key: ['tenant_id', 'user_id'], columns: USER_COLUMNS, from: userFrom },
  keys: { table: 'keys', key: ['tenant_id', 'key_id'], columns: KEY_COLUMNS, from: keyFrom },
  limits: { table: 'limits', key: COUNTED, columns: LIMIT_COLUMNS, from: limitFrom },
  prices: { table: 'prices', key: ['version'], columns: PRICE_COLUMNS, from: priceFrom },
  ingestKeys: {
    ...{ table: 'ingest_keys', key: ['tenant_id', 'source', 'ingest_id'], columns: INGEST_KEY_COLUMNS },
    from: (row) => ({
      ...{ tenantId: text(row.tenant_id), source: text(row.source), id: text(row.ingest_id) },
      ...{ entryId: text(row.entry_id), digest: text(row.digest) },
    }),
  },
  refusals: {
    ...{ table: 'refusals', key: ['tenant_id', 'at_ms', 'refusal_id'], columns: REFUSAL_COLUMNS },
    from: refusalFrom,
  },
  refusalCounts: {
    ...{ table: 'refusal_counts', key: COUNT_COLUMNS },
    columns: [...named<RefusalCount>(COUNT_COLUMNS, countValues), ['count', ({ count }) => count]],
    from: (row) => ({ ...refusalSumFrom(row), startMs: Number(row.start_ms) }),
  },
  crossings: {
    ...{ table: 'crossings', key: ['tenant_id', 'crossing_id'], columns: CROSSING_COLUMNS },
    from: crossingFrom,
  },
  deliveries: {
    ...{ table: 'deliveries', key: ['tenant_id', 'crossing_id', 'channel'], columns: DELIVERY_COLUMNS },
    from: deliveryFrom,
  },
  entries: { table: 'entries', key: ['writer_id', 'seq'], columns: ENTRY_COLUMNS, from: entryFrom },
  rollups: {
    ...{ table: 'rollups', key: CELL_COLUMNS, from: rollupFrom },
    columns: [
      ...named(CELL_COLUMNS, cellValues),
      ...MEASURES.map((measure) => [MEASURE_COLUMNS[measure], ({ sums }: RollupAdd) => sums[measure]] as const),
    ],
  },
  holds: { table: 'holds', key: ['hold_id'], columns: HOLD_COLUMNS, from: holdFrom },
}

function counterTable(minutes: MinuteColumn): PartTable<PlacedCounter> {
  return {
    table: 'counters',
    key: ['counter_id'],
    columns: [
      ['counter_id', ({ counterId }) => counterId],
      ['tenant_id', ({ tenantId }) => tenantId],
      ['settled', ({ value }) => value.settled],
      ['held', ({ value }) => value.held],
      ['buckets', ({ minute }) => minute && minutes.value(minute)],
    ],
    from(row) {
      const counterId = text(row.counter_id)
      const kept = row.buckets === null ? EMPTY_MINUTE : minutes.from(text(row.buckets))
      return {
        counterId,
        tenantId: text(row.tenant_id),
        value: { settled: row.settled as bigint, held: row.held as bigint },
        minute: isMinute(counterId) ? kept : null,
      }
    },
  }
}

/** Columns whose values come together. */
function named<Noun>(names: readonly string[], values: (noun: Noun) => Value[]): PartTable<Noun>['columns'] {
  return names.map((name, index) => [name, (noun) => values(noun)[index]!])
}
