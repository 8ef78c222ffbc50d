import type { DatabaseSync } from 'node:sqlite'
import type { Answer, Plan } from '../../core/plan.ts'
import { type CounterBatch, counterBatch, counterRows } from './counters.ts'
import { newDelivery } from '../../core/delivery.ts'
import { CROSSING_COLUMNS } from '../rows/crossing-row.ts'
import { DELIVERY_COLUMNS } from '../rows/delivery-row.ts'
import { ENTRY_COLUMNS } from '../rows/entry-row.ts'
import { HOLD_COLUMNS } from '../rows/hold-row.ts'
import { PRICE_COLUMNS } from '../rows/price-row.ts'
import { insertInto, valuesOf } from './insert.ts'
import { type RefusalRows, refusalRows } from './refusal-rows.ts'
import { type RollupBatch, rollupRows } from './rollup-rows.ts'

/** What the plans of one batch share: read once, written once. */
interface Batch {
  readonly writerId: string
  readonly tenantVersions: Map<string, number | undefined>
  readonly counters: CounterBatch
  readonly rollups: RollupBatch
  readonly refusals: RefusalRows
  /** Versions of prices that are kept by now. */
  readonly prices: Set<string>
  /** The writer's last sequence; undefined until the first entry asks. */
  seq: number | undefined
}

export interface PlanCommit {
  /**
   * The body of a commit, to be run inside a write transaction: plans in order, each checked first and then applied
   * whole, so that a plan that is answered otherwise has changed nothing.
   */
  commit(writerId: string, plans: readonly Plan[]): Answer[]
  /** What the commit of this plan alone would answer, without a sequence; to be run inside a read transaction. */
  check(plan: Plan): Answer
}

export function planCommit(database: DatabaseSync, nowMs: () => number, reached: (point: string) => void): PlanCommit {
  const counters = counterRows(database)
  const newRollups = rollupRows(database)
  const newRefusals = refusalRows(database)
  const tenantVersion = database.prepare('SELECT version FROM tenants WHERE tenant_id = ?')
  const openHold = database.prepare('SELECT tenant_id, version FROM holds WHERE hold_id = ?')
  const anyEntry = database.prepare('SELECT 1 FROM entries WHERE entry_id = ?')
  const ingested = database.prepare(
    'SELECT entry_id, digest FROM ingest_keys WHERE tenant_id = ? AND source = ? AND ingest_id = ?',
  )
  const insertHold = database.prepare(insertInto('holds', HOLD_COLUMNS))
  const deleteHold = database.prepare('DELETE FROM holds WHERE hold_id = ?')
  const insertEntry = database.prepare(insertInto('entries', ENTRY_COLUMNS))
  const insertIngestKey = database.prepare(
    'INSERT INTO ingest_keys (tenant_id, source, ingest_id, entry_id, digest) VALUES (?, ?, ?, ?, ?)',
  )
  const keepPrice = database.prepare(`${insertInto('prices', PRICE_COLUMNS)} ON CONFLICT DO NOTHING`)
  // Whoever comes first tells of a crossing.
  const putCrossing = database.prepare(`${insertInto('crossings', CROSSING_COLUMNS)} ON CONFLICT DO NOTHING`)
  const putDelivery = database.prepare(insertInto('deliveries', DELIVERY_COLUMNS))
  const lastSeq = database.prepare('SELECT seq FROM writers WHERE writer_id = ?')
  const putWriter = database.prepare(`
    INSERT INTO writers (writer_id, seq, commits, lease_until_ms) VALUES (?, ?, 1, 0)
    ON CONFLICT (writer_id) DO UPDATE SET seq = max(seq, excluded.seq), commits = commits + 1`)

  /** The first reason why the plan cannot be committed, in the order that every store keeps. */
  function refusal(batch: Batch, plan: Plan): Answer | undefined {
    if (plan.expectTenantVersion !== undefined && plan.expectTenantVersion !== versionOf(batch, plan.tenantId))
      return { kind: 'stale', what: 'tenant' }
    if (isHoldStale(plan)) return { kind: 'stale', what: 'hold' }
    return (plan.ingestKey && repetition(plan.tenantId, plan.ingestKey)) ?? batch.counters.missed(plan.adds)
  }

  function versionOf(batch: Batch, tenantId: string): number | undefined {
    if (!batch.tenantVersions.has(tenantId))
      batch.tenantVersions.set(tenantId, (tenantVersion.get(tenantId) as { version: number } | undefined)?.version)
    return batch.tenantVersions.get(tenantId)
  }

  function isHoldStale({ tenantId, open, end, entry }: Plan): boolean {
    if (open && (openHold.get(open.id) || anyEntry.get(open.id))) return true
    // Where the hold of the entry is open, no entry has its id: the line above has seen to that.
    if (entry && entry.id !== end?.id && anyEntry.get(entry.id)) return true
    if (!end) return false
    const hold = openHold.get(end.id) as { tenant_id: string; version: number } | undefined
    return hold?.version !== end.version || hold.tenant_id !== tenantId
  }

  function repetition(tenantId: string, { source, id }: NonNullable<Plan['ingestKey']>): Answer | undefined {
    const before = ingested.get(tenantId, source, id) as { entry_id: string; digest: string } | undefined
    return before && { kind: 'duplicate', entryId: before.entry_id, digest: before.digest }
  }

  function apply(batch: Batch, plan: Plan): Answer {
    const { tenantId, end, open, entry, prices, ingestKey } = plan
    if (end) {
      deleteHold.run(end.id)
      reached('hold ended')
    }
    if (open) {
      insertHold.run(...valuesOf(HOLD_COLUMNS, open))
      reached('hold opened')
    }
    for (const price of prices ?? []) {
      if (batch.prices.has(price.version)) continue
      batch.prices.add(price.version)
      keepPrice.run(...valuesOf(PRICE_COLUMNS, price))
      reached('price kept')
    }
    batch.counters.move(tenantId, plan.adds)
    batch.rollups.add(plan.rollups)
    if (plan.refusals) batch.refusals.add(plan.refusals)
    for (const crossing of plan.crossings ?? []) {
      const { changes } = putCrossing.run(...valuesOf(CROSSING_COLUMNS, crossing))
      reached('crossing put')
      if (changes === 0) continue
      for (const channel of plan.tellOver ?? []) {
        putDelivery.run(...valuesOf(DELIVERY_COLUMNS, newDelivery(crossing, channel)))
        reached('delivery put')
      }
    }
    if (!entry) return { kind: 'committed', seq: null }
    const seq = nextSeq(batch)
    insertEntry.run(...valuesOf(ENTRY_COLUMNS, { ...entry, writerId: batch.writerId, seq }))
    reached('entry appended')
    if (ingestKey) {
      insertIngestKey.run(tenantId, ingestKey.source, ingestKey.id, entry.id, ingestKey.digest)
      reached('ingest key claimed')
    }
    return { kind: 'committed', seq }
  }

  function nextSeq(batch: Batch): number {
    batch.seq ??= (lastSeq.get(batch.writerId) as { seq: number } | undefined)?.seq ?? 0
    return ++batch.seq
  }

  function newBatch(writerId: string): Batch {
    return {
      writerId,
      tenantVersions: new Map(),
      counters: counterBatch(counters, nowMs()),
      rollups: newRollups(),
      refusals: newRefusals(),
      prices: new Set(),
      seq: undefined,
    }
  }

  return {
    commit(writerId, plans) {
      const batch = newBatch(writerId)
      const answers = plans.map((plan) => refusal(batch, plan) ?? apply(batch, plan))
      batch.counters.write(() => reached('counter written'))
      batch.rollups.write(() => reached('rollup written'))
      batch.refusals.write(() => reached('refusal written'))
      if (answers.some(({ kind }) => kind === 'committed')) {
        putWriter.run(writerId, batch.seq ?? 0)
        reached('writer written')
      }
      return answers
    },
    check: (plan) => refusal(newBatch(''), plan) ?? { kind: 'committed', seq: null },
  }
}
