import type { Limit } from '../../core/limit.ts'
import { MOST_SAMPLES_PER_QUARTER, type RefusalCount } from '../../core/refusal.ts'
import type { PartName, Parts, PlacedCounter } from '../../core/ports/transfer.ts'
import { CROSSING_COLUMNS } from '../rows/crossing-row.ts'
import { deliveryDraft } from './delivery-items.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { PRICE_COLUMNS } from '../rows/price-row.ts'
import { keyDrafts, userDraft } from './account-rows.ts'
import { isTokenLimit, tokenLimitDraft } from './account-store.ts'
import { itemOf, text, whole } from './attributes.ts'
import type { Connection } from './connection.ts'
import { counterPlace, minuteDraft, sumsSet } from './counters.ts'
import { dayDrafts, entryItem } from './entry-items.ts'
import {
  attemptKey,
  COPIES,
  crossingKey,
  entryKey,
  holdKey,
  ingestKeyKey,
  instantText,
  keyText,
  limitsKey,
  priceKey,
  refusalCountKey,
  sampledKey,
  samplesKey,
  settingKey,
  tenantKey,
  tenantRowKey,
  writerKey,
} from './keys.ts'
import { limitsDraft, limitsIn } from './limit-items.ts'
import { countName, liveUntilS, quarterOf, sampleItem } from './refusal-rows.ts'
import { rollupBatch } from './rollup-rows.ts'
import { seededName } from './seed.ts'
import type { Draft } from './transaction.ts'

/** What must be written together. */
export interface Group {
  readonly drafts: readonly Draft[]
  /** Told when it is in the transaction that is sent next. */
  readonly onTaken?: () => void
}

/** How rows of a part are put: as they are, however often. */
export async function groupsOf<Name extends PartName>(
  connection: Connection,
  part: Name,
  rows: readonly Parts[Name][],
): Promise<Group[]> {
  return (GROUPS[part] as (rows: readonly Parts[Name][], connection: Connection) => Group[] | Promise<Group[]>)(
    rows,
    connection,
  )
}

/** The writer's sequence, with the entries up to it. */
export function sequenceDraft(writerId: string, seq: number): Draft {
  return { kind: 'update', key: writerKey(writerId), set: { seq: whole(seq) }, add: { commits: whole(1) } }
}

const GROUPS: {
  readonly [Name in PartName]: (rows: readonly Parts[Name][], connection: Connection) => Group[] | Promise<Group[]>
} = {
  settings: each(({ name, value }) => [{ kind: 'put', key: settingKey(name), item: { value: text(value) } }]),
  tenants: each(({ id, version }) => [
    ...Array.from({ length: COPIES }, (_, copy): Draft => ({
      ...{ kind: 'put', key: tenantKey(id, copy), item: { version: whole(version) } },
    })),
    { kind: 'put', key: tenantRowKey(id), item: {} },
  ]),
  users: each((user) => [{ ...userDraft(user), conditions: [] }]),
  keys: each((key) => keyDrafts(key, { isNew: false })),
  limits: limitGroups,
  prices: each((price) => [{ kind: 'put', key: priceKey(price.version), item: itemOf(PRICE_COLUMNS, price) }]),
  ingestKeys: each(({ tenantId, source, id, entryId, digest }) => [
    {
      ...{ kind: 'put', key: ingestKeyKey(tenantId, source, id) },
      item: { entry_id: text(entryId), digest: text(digest), source: text(source), ingest_id: text(id) },
    },
  ]),
  refusals: sampleGroups,
  refusalCounts: countGroups,
  crossings: each((crossing) => {
    const key = crossingKey(crossing.tenantId, crossing.id)
    const place = { pk1: text(key.pk), sk1: text(`${instantText(crossing.atMs)}#${crossing.id}`) }
    return [{ kind: 'put', key, item: { ...itemOf(CROSSING_COLUMNS, crossing), ...place } }]
  }),
  deliveries: each((delivery) => [deliveryDraft(delivery)]),
  entries: each((entry) => {
    const key = entryKey(entry.tenantId, entry.occurredAtMs, entry.id)
    return [
      { kind: 'put', key: attemptKey(entry.id), item: { at: { M: { pk: text(key.pk), sk: text(key.sk) } } } },
      // It moves no counter here: counters are put as they are, and a later limit counts it by itself.
      { kind: 'put', key, item: entryItem(entry, []) },
      ...dayDrafts(entry),
    ]
  }),
  rollups: rollupGroups,
  holds: each((hold) => [{ kind: 'put', key: holdKey(hold.id), item: itemOf(HOLD_COLUMNS, hold) }]),
  counters: counterGroups,
}

function each<Row>(draftsOf: (row: Row) => Draft[]): (rows: readonly Row[]) => Group[] {
  return (rows) => rows.map((row) => ({ drafts: draftsOf(row) }))
}

/** The limits of a scope are one item: what another piece has put there stays. */
async function limitGroups(limits: readonly Limit[], connection: Connection): Promise<Group[]> {
  const scopes = Map.groupBy(limits, ({ tenantId, scope }) => keyText(limitsKey(tenantId, scope)))
  const found = await connection.getMany(limits.map(({ tenantId, scope }) => limitsKey(tenantId, scope)))
  return [...scopes].map(([id, fresh]) => {
    const there = new Map([...limitsIn(found.get(id)), ...fresh].map((limit) => [limit.id, limit]))
    return { drafts: [limitsDraft([...there.values()]), ...fresh.filter(isTokenLimit).map(tokenLimitDraft)] }
  })
}

function sampleGroups(samples: readonly Parts['refusals'][]): Group[] {
  const quarters = Map.groupBy(samples, ({ tenantId, atMs }) => keyText(sampledKey(tenantId, quarterOf(atMs))))
  const expiresAtS = liveUntilS(Date.now())
  return [...quarters.values()].flatMap((of) => {
    const [{ tenantId, atMs }] = of as [Parts['refusals']]
    const quarterMs = quarterOf(atMs)
    const ids = of.slice(0, MOST_SAMPLES_PER_QUARTER).map(({ id }) => id)
    const known = { kind: 'update', key: sampledKey(tenantId, quarterMs), set: { expiresAtS } } as const
    return [
      { drafts: [{ ...known, add: { ids: { SS: ids } } }] },
      ...of.map((sample): Group => ({
        drafts: [
          {
            kind: 'put',
            key: samplesKey(tenantId, quarterMs, `copy#${sample.id}`),
            item: sampleItem(sample, expiresAtS),
          },
        ],
      })),
    ]
  })
}

function countGroups(counts: readonly RefusalCount[]): Group[] {
  const keyOf = ({ tenantId, startMs, userId }: RefusalCount) => refusalCountKey(tenantId, startMs, userId)
  return [...Map.groupBy(counts, (count) => keyText(keyOf(count))).values()].map((of) => {
    const set = Object.fromEntries(of.map((count) => [countName(count), whole(count.count)]))
    return { drafts: [{ kind: 'update', key: keyOf(of[0]!), set }] }
  })
}

/** All in one copy of the cells, as if one process had written them. */
function rollupGroups(cells: readonly Parts['rollups'][]): Group[] {
  const batch = rollupBatch(0)
  for (const cell of cells) batch.add(cell)
  return batch.drafts().map((draft) => {
    if (draft.kind !== 'update') return { drafts: [draft] }
    const { add = {}, ...rest } = draft
    return { drafts: [{ ...rest, set: add }] }
  })
}

/** The metrics of one scope and window share an item. They count everything, so that no limit fills them again. */
function counterGroups(counters: readonly PlacedCounter[]): Group[] {
  const nowMs = Date.now()
  const items = Map.groupBy(counters, ({ counterId }) => keyText(counterPlace(counterId).key))
  return [...items.values()].map((of) => {
    const places = of.map((counter) => ({ ...counter, place: counterPlace(counter.counterId) }))
    const { key } = places[0]!.place
    const seeded = Object.fromEntries(places.map(({ place }) => [seededName(place.metric), text('yes')]))
    const minutes = new Map(places.flatMap(({ place, minute }) => (minute ? [[place.metric, minute] as const] : [])))
    const sums = places.flatMap(({ place, minute, value }) => (minute ? [] : [sumsSet(key.table, place.metric, value)]))
    const minute = minutes.size > 0 ? minuteDraft(key, minutes, undefined, nowMs) : undefined
    const kept = minute?.kind === 'update' ? minute.set : {}
    return { drafts: [{ kind: 'update', key, set: Object.assign({}, ...sums, kept, seeded) }] }
  })
}
