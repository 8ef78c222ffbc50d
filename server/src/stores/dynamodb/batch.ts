import type { Hold } from '../../core/hold.ts'
import type { Answer, Plan } from '../../core/plan.ts'
import { newDelivery } from '../../core/delivery.ts'
import { CROSSING_COLUMNS } from '../rows/crossing-row.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { PRICE_COLUMNS } from '../rows/price-row.ts'
import { type Item, itemOf, numberOf, text, textOf, whole } from './attributes.ts'
import { type CounterBatch, counterBatch, counterPlace } from './counters.ts'
import { deliveryDraft } from './delivery-items.ts'
import { dayDrafts, entryItem } from './entry-items.ts'
import {
  attemptKey,
  COPIES,
  crossingKey,
  entryKey,
  holdKey,
  ingestKeyKey,
  instantText,
  type Key,
  keyText,
  priceKey,
  shardOf,
  tenantKey,
  writerKey,
} from './keys.ts'
import { refusalRows } from './refusal-rows.ts'
import { rollupBatch } from './rollup-rows.ts'
import { ABSENT, type Draft } from './transaction.ts'

/** What is known of items: null where there is none, undefined where nobody looked. */
export type Found = (key: Key) => Item | null | undefined

/** A batch that was thought through: what each plan is answered if the drafts can be committed. */
export interface Thought {
  readonly answers: readonly Answer[]
  /** Empty where no plan is committed. */
  readonly drafts: readonly Draft[]
  /** The writer's next sequence and number of commits, if it comes to that. */
  readonly writer: Writer
  /** What must be looked at first: a plan was refused, and these may hold a reason that comes before that one. */
  readonly unsure: readonly Key[]
}
export interface Writer {
  readonly seq: number
  readonly commits: number
}

export interface ThoughtOptions {
  readonly writerId: string
  readonly found: Found
  readonly nowMs: number
  /** Of the transaction: kept with the writer, so that a lost answer can be found again. */
  readonly token: string
  /** Whether an item that nobody has seen has met its condition in a transaction that others broke. */
  readonly hasPassed: (key: Key) => boolean
  /** Whether a day of a tenant or user is known to be there. */
  readonly isDayThere: (key: Key) => boolean
}

/**
 * Thinks a batch through in order. What nobody has looked at is taken to be as the plan expects it, and becomes a
 * condition of the transaction; what broke a condition comes back as it is, and the batch is thought through again.
 */
export function think(plans: readonly Plan[], options: ThoughtOptions): Thought {
  const { writerId, found, nowMs, token } = options
  const writer = writerIn(found(writerKey(writerId)))
  const copy = shardOf(writerId, COPIES)
  const batch: Batch = {
    ...{ writerId, found, copy, seq: writer.seq },
    ...{ holds: new Map(), entries: new Map(), ingested: new Map(), drafts: new Map() },
    ...{ counters: counterBatch(found, nowMs), isDayThere: options.isDayThere },
    rollups: rollupBatch(copy),
    refusals: refusalRows(found, nowMs),
  }
  const unsure: Key[] = []
  const answers = plans.map((plan) => {
    const answer = refusal(batch, plan)
    if (!answer) return apply(batch, plan)
    unsure.push(...keysBefore(answer, plan, copy).filter((key) => found(key) === undefined && !options.hasPassed(key)))
    return answer
  })
  const after = { seq: batch.seq, commits: writer.commits + 1 }
  if (!answers.some(({ kind }) => kind === 'committed')) return { answers, drafts: [], writer, unsure }
  const part = `${writerId}#${instantText(after.commits)}`
  const drafts = [
    writerDraft(writerId, writer, after, token),
    ...batch.drafts.values(),
    ...batch.counters.drafts(),
    ...batch.rollups.drafts(),
    ...batch.refusals.drafts(part),
  ]
  return { answers, drafts, writer: after, unsure }
}

interface Batch {
  readonly writerId: string
  readonly found: Found
  readonly copy: number
  readonly holds: Map<string, Hold | 'ended'>
  readonly entries: Map<string, true>
  readonly ingested: Map<string, Answer>
  /** By keyText: a later draft of the same item takes the place of an earlier one. */
  readonly drafts: Map<string, Draft>
  readonly counters: CounterBatch
  readonly rollups: ReturnType<typeof rollupBatch>
  readonly refusals: ReturnType<typeof refusalRows>
  readonly isDayThere: (key: Key) => boolean
  seq: number
}

/** The first reason why the plan cannot be committed, in the order that every store keeps. */
function refusal(batch: Batch, plan: Plan): Answer | undefined {
  if (isTenantStale(batch, plan)) return { kind: 'stale', what: 'tenant' }
  if (isHoldStale(batch, plan)) return { kind: 'stale', what: 'hold' }
  return repetition(batch, plan) ?? batch.counters.missed(plan.adds)
}

/** The items in which reasons would be found that come before the one that was. */
function keysBefore(answer: Answer, plan: Plan, copy: number): Key[] {
  const { tenantId, expectTenantVersion, open, end, entry, ingestKey, adds } = plan
  const tenant = expectTenantVersion === undefined ? [] : [tenantKey(tenantId, copy)]
  if (answer.kind === 'stale') return answer.what === 'tenant' ? [] : tenant
  const attempts = [open, entry].flatMap((one) => (one ? [attemptKey(one.id)] : []))
  const holds = [open, end].flatMap((one) => (one ? [holdKey(one.id)] : []))
  if (answer.kind !== 'missed') return [...tenant, ...attempts, ...holds]
  const ingested = ingestKey ? [ingestKeyKey(tenantId, ingestKey.source, ingestKey.id)] : []
  const missed = adds.findIndex(({ counterId }) => counterId === answer.counterId)
  const counters = adds.slice(0, missed).filter(({ ceiling }) => ceiling !== null)
  return [
    ...tenant,
    ...attempts,
    ...holds,
    ...ingested,
    ...counters.map(({ counterId }) => counterPlace(counterId).key),
  ]
}

function isTenantStale({ found, copy }: Batch, { tenantId, expectTenantVersion }: Plan): boolean {
  if (expectTenantVersion === undefined) return false
  const item = found(tenantKey(tenantId, copy))
  return item !== undefined && (item === null || numberOf(item, 'version') !== expectTenantVersion)
}

function isHoldStale(batch: Batch, { tenantId, open, end, entry }: Plan): boolean {
  if (open && (isEntryThere(batch, open.id) || isHoldThere(batch, open.id))) return true
  if (entry && entry.id !== end?.id && isEntryThere(batch, entry.id)) return true
  if (!end) return false
  const hold = batch.holds.get(end.id)
  if (hold) return hold === 'ended' || hold.version !== end.version || hold.tenantId !== tenantId
  const item = batch.found(holdKey(end.id))
  if (item === undefined) return false
  return item === null || numberOf(item, 'version') !== end.version || textOf(item, 'tenant_id') !== tenantId
}

function isEntryThere({ entries, found }: Batch, id: string): boolean {
  return entries.has(id) || Boolean(found(attemptKey(id)))
}
function isHoldThere({ holds, found }: Batch, id: string): boolean {
  return holds.has(id) || Boolean(found(holdKey(id)))
}

function repetition({ ingested, found }: Batch, { tenantId, ingestKey }: Plan): Answer | undefined {
  if (!ingestKey) return undefined
  const key = ingestKeyKey(tenantId, ingestKey.source, ingestKey.id)
  const item = found(key)
  if (item) return { kind: 'duplicate', entryId: textOf(item, 'entry_id'), digest: textOf(item, 'digest') }
  return ingested.get(keyText(key))
}

function apply(batch: Batch, plan: Plan): Answer {
  const { tenantId, expectTenantVersion, open, end, entry } = plan
  const draft = (one: Draft) => void batch.drafts.set(keyText(one.key), one)
  if (expectTenantVersion !== undefined) {
    const conditions = [{ kind: 'equals', name: 'version', value: whole(expectTenantVersion) } as const]
    draft({ kind: 'check', key: tenantKey(tenantId, batch.copy), conditions })
  }
  if (end) endHold(batch, tenantId, end, draft)
  if (open) {
    batch.holds.set(open.id, open)
    draft({ kind: 'put', key: holdKey(open.id), item: itemOf(HOLD_COLUMNS, open), conditions: ABSENT })
    draft({ kind: 'check', key: attemptKey(open.id), conditions: ABSENT })
  }
  for (const price of plan.prices ?? [])
    draft({ kind: 'update', key: priceKey(price.version), once: itemOf(PRICE_COLUMNS, price) })
  batch.counters.move(plan.adds)
  for (const rollup of plan.rollups) batch.rollups.add(rollup)
  if (plan.refusals) batch.refusals.add(plan.refusals)
  for (const crossing of plan.crossings ?? []) {
    const key = crossingKey(crossing.tenantId, crossing.id)
    if (batch.drafts.has(keyText(key)) || batch.found(key)) continue
    const place = { pk1: text(key.pk), sk1: text(`${instantText(crossing.atMs)}#${crossing.id}`) }
    draft({ kind: 'put', key, item: { ...itemOf(CROSSING_COLUMNS, crossing), ...place }, conditions: ABSENT })
    for (const channel of plan.tellOver ?? []) draft(deliveryDraft(newDelivery(crossing, channel), ABSENT))
  }
  if (!entry) return { kind: 'committed', seq: null }
  return append(batch, plan, entry, draft)
}

function endHold(batch: Batch, tenantId: string, end: Pick<Hold, 'id' | 'version'>, draft: (one: Draft) => void): void {
  const key = holdKey(end.id)
  const isOpenedHere = batch.holds.has(end.id)
  batch.holds.set(end.id, 'ended')
  if (isOpenedHere) return draft({ kind: 'check', key, conditions: ABSENT })
  const conditions = [
    { kind: 'equals', name: 'version', value: whole(end.version) },
    { kind: 'equals', name: 'tenant_id', value: text(tenantId) },
  ] as const
  draft({ kind: 'delete', key, conditions })
}

function append(batch: Batch, plan: Plan, entry: NonNullable<Plan['entry']>, draft: (one: Draft) => void): Answer {
  const { writerId } = batch
  const seq = ++batch.seq
  const key = entryKey(entry.tenantId, entry.occurredAtMs, entry.id)
  batch.entries.set(entry.id, true)
  const place = { pk: text(key.pk), sk: text(key.sk) }
  draft({ kind: 'put', key: attemptKey(entry.id), item: { at: { M: place } }, conditions: ABSENT })
  const moved = plan.adds.map(({ counterId: id }) => id)
  draft({ kind: 'put', key, item: entryItem({ ...entry, writerId, seq }, moved) })
  for (const day of dayDrafts(entry)) if (!batch.isDayThere(day.key)) draft(day)
  if (plan.ingestKey) {
    const { source, id, digest } = plan.ingestKey
    const claimed = ingestKeyKey(plan.tenantId, source, id)
    batch.ingested.set(keyText(claimed), { kind: 'duplicate', entryId: entry.id, digest })
    const item = { entry_id: text(entry.id), digest: text(digest), source: text(source), ingest_id: text(id) }
    draft({ kind: 'put', key: claimed, item, conditions: ABSENT })
  }
  return { kind: 'committed', seq }
}

export function writerIn(item: Item | null | undefined): Writer {
  return { seq: numberOf(item, 'seq'), commits: numberOf(item, 'commits') }
}

/** In every transaction: the sequence without gaps, and the watermark. Two transactions of one writer never both happen from one state. */
function writerDraft(writerId: string, before: Writer, after: Writer, token: string): Draft {
  return {
    kind: 'update',
    key: writerKey(writerId),
    set: { seq: whole(after.seq), commits: whole(after.commits), token: text(token) },
    conditions: [
      before.commits === 0
        ? { kind: 'unset', name: 'commits' }
        : { kind: 'equals', name: 'commits', value: whole(before.commits) },
    ],
  }
}
