import { counterId, parseCounterId } from '../../core/counter.ts'
import { METRICS, type ScopeKind } from '../../core/limit.ts'
import type { PartName, Parts, PlacedCounter } from '../../core/ports/transfer.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { CROSSING_COLUMNS, crossingFrom } from '../rows/crossing-row.ts'
import { deliveryIn } from './delivery-items.ts'
import { PRICE_COLUMNS, priceFrom } from '../rows/price-row.ts'
import { keyIn, userIn } from './account-rows.ts'
import { limitsOf } from './account-store.ts'
import { type Item, numberOf, rowOf, textOf } from './attributes.ts'
import type { Connection } from './connection.ts'
import { COUNTER_BEGINNING, countersIn, minuteIn, NOTHING } from './counters.ts'
import { openHolds } from './hold-items.ts'
import {
  ACCOUNTS_WRITER,
  crossingKey,
  deliveryKey,
  instantFrom,
  keyKey,
  MINUTE,
  refusalCountKey,
  samplesKey,
  settingKey,
  tenantKey,
  tenantRowKey,
  userKey,
} from './keys.ts'
import { writerItems } from './ledger-store.ts'
import { entriesAfter } from './page-queries.ts'
import { quarterIn, refusalSumsIn, samplesIn } from './refusal-rows.ts'
import { cellsOf } from './sums-query.ts'

/** The setting that says whose copy this is. */
export const MARKER = 'copy'
const ROWS_PER_PIECE = 500

/** All rows of a part, of every tenant. */
export async function* partReads<Name extends PartName>(
  connection: Connection,
  part: Name,
): AsyncGenerator<Parts[Name][]> {
  yield* inPieces(READS[part](connection))
}

/** The entries of a writer after one of its sequences. */
export async function* entriesOf(connection: Connection, writerId: string, seq: number) {
  yield* inPieces(entriesAfter(connection, writerId, seq))
}

/** The last sequence of everybody who ever wrote. */
export async function sequencesOf(connection: Connection): Promise<Map<string, number>> {
  const writers = (await writerItems(connection)).filter((item) => textOf(item, 'sk') !== ACCOUNTS_WRITER)
  return new Map(writers.map((item) => [textOf(item, 'sk'), numberOf(item, 'seq')]))
}

async function* inPieces<Row>(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let piece: Row[] = []
  for await (const row of rows) {
    piece.push(row)
    if (piece.length < ROWS_PER_PIECE) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}

const READS: { readonly [Name in PartName]: (connection: Connection) => AsyncIterable<Parts[Name]> } = {
  async *settings(connection) {
    for (const item of await connection.partition(settingKey('').pk)) {
      const name = textOf(item, 'sk')
      if (name !== MARKER) yield { name, value: textOf(item, 'value') }
    }
  },
  async *tenants(connection) {
    for (const id of await tenantIds(connection)) {
      const item = await connection.get(tenantKey(id, 0))
      yield { id, version: numberOf(item, 'version') }
    }
  },
  users: ofTenants((connection, id) => all(connection, userKey(id, '').pk, userIn)),
  keys: ofTenants((connection, id) => all(connection, keyKey(id, '').pk, keyIn)),
  limits: ofTenants(limitsOf),
  async *prices(connection) {
    for await (const item of connection.scan('ledger', 'price#')) yield priceFrom(rowOf(PRICE_COLUMNS, item))
  },
  async *ingestKeys(connection) {
    for await (const item of connection.scan('ledger', 'ingest#')) yield ingestKeyIn(item)
  },
  refusals: ofTenants(async (connection, id) =>
    (await connection.partition(samplesKey(id, 0, '').pk)).flatMap(samplesIn),
  ),
  refusalCounts: ofTenants(async (connection, id) =>
    (await connection.partition(refusalCountKey(id, 0, '').pk)).flatMap((item) =>
      refusalSumsIn(item).map((sum) => ({ ...sum, startMs: instantFrom(quarterIn(item)) })),
    ),
  ),
  crossings: ofTenants((connection, id) =>
    all(connection, crossingKey(id, '').pk, (item) => crossingFrom(rowOf(CROSSING_COLUMNS, item))),
  ),
  deliveries: ofTenants((connection, id) => all(connection, deliveryKey(id, '', '').pk, deliveryIn)),
  async *entries(connection) {
    for (const writerId of [...(await sequencesOf(connection)).keys()].toSorted())
      yield* entriesAfter(connection, writerId, 0)
  },
  async *rollups(connection) {
    for (const id of await tenantIds(connection)) yield* cellsOf(connection, id)
  },
  async *holds(connection) {
    yield* await openHolds(connection)
  },
  async *counters(connection) {
    for await (const item of connection.scan('ledger', COUNTER_BEGINNING)) yield* placedCounters('ledger', item)
    for await (const item of connection.scan('users')) yield* placedCounters('users', item)
  },
}

async function tenantIds(connection: Connection): Promise<string[]> {
  return (await connection.partition(tenantRowKey('').pk)).map((item) => textOf(item, 'sk'))
}

function ofTenants<Row>(rowsOf: (connection: Connection, tenantId: string) => Promise<readonly Row[]>) {
  return async function* (connection: Connection): AsyncGenerator<Row> {
    for (const id of await tenantIds(connection)) yield* await rowsOf(connection, id)
  }
}

async function all<Row>(connection: Connection, pk: string, rowIn: (item: Item) => Row): Promise<Row[]> {
  return (await connection.partition(pk)).map(rowIn)
}

function ingestKeyIn(item: Item): Parts['ingestKeys'] {
  return {
    tenantId: decodeURIComponent(textOf(item, 'pk').split('#')[1]!),
    source: textOf(item, 'source'),
    id: textOf(item, 'ingest_id'),
    entryId: textOf(item, 'entry_id'),
    digest: textOf(item, 'digest'),
  }
}

function placedCounters(table: 'ledger' | 'users', item: Item): PlacedCounter[] {
  if (table === 'ledger' && textOf(item, 'sk') === MINUTE) return minuteCounters(item)
  return countersIn(table, item).map(({ counterId: id, value }) => ({
    ...{ counterId: id, tenantId: parseCounterId(id).tenantId, value, minute: null },
  }))
}

function minuteCounters(item: Item): PlacedCounter[] {
  const [, tenantId = '', scopeKind, scopeId = ''] = textOf(item, 'pk').split('#').map(decodeURIComponent)
  const key = { tenantId, scopeKind: scopeKind as ScopeKind, scopeId, startMs: 0, endMs: FOREVER_MS }
  return METRICS.filter((metric) => item[metric] !== undefined).map((metric) => ({
    ...{ counterId: counterId({ ...key, metric, window: 'minute' }), tenantId },
    ...{ value: NOTHING, minute: minuteIn(item, metric) },
  }))
}
