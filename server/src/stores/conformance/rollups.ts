import { describe, expect, test } from 'vitest'
import type { Entry } from '../../core/entry.ts'
import type { Plan } from '../../core/plan.ts'
import { addSums, cellId, rollupsOf, type Sums } from '../../core/rollup.ts'
import { FOREVER_MS } from '../../core/window.ts'
import { aHold, aLimit, aReading, counterAt, endOf, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Rollups are folded in the commit of their entries: whatever becomes of it, they are what the entries make. */
export function rollupConformance(makePlace: MakePlace): void {
  describe('rollups', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    test('M44: a commit that dies at any step, is made again and again, and tells late, leaves what the entries make', async () => {
      let pointsLeft = Infinity
      const crashPoint = (name: string) => {
        if (name !== 'committed' && --pointsLeft === 0) throw new Error(`died at ${name}`)
      }
      const stores = await (await newPlace()).open({ nowMs: () => NOON_MS, crashPoint })
      await stores.accounts.tenant('acme')
      let fresh = 0
      for (const plans of BATCHES) {
        for (let dieAt = 1; ; dieAt++) {
          pointsLeft = dieAt
          const answers = await stores.ledger.commit('writer-1', plans).catch(() => undefined)
          pointsLeft = Infinity
          await expectRolledUp(stores)
          if (answers) break
        }
        for (const writerId of ['writer-1', 'writer-2']) {
          // Together with something that was never made, or there would be nothing to commit.
          const again = await stores.ledger.commit(writerId, [
            ...plans,
            ingestOf({ id: `fresh-${++fresh}` }, undefined),
          ])
          expect(again.map(({ kind }) => kind === 'committed')).toEqual([...plans.map(() => false), true])
          await expectRolledUp(stores)
        }
      }
      expect(await stores.reports.scanEntries(undefined, 100)).toHaveLength(HOLDS.length + 2 * LATE_MS.length + fresh)
    }, 60_000)

    test('M40: what a million calls cost adds up to the nano-dollar, beyond what a float can tell', async () => {
      const stores = await newStores()
      const cost = aLimit({ metric: 'costNanoUsd', amount: null })
      const costs = [3_000n * 999_999n, 3_000n, 2n ** 53n, 1n]
      const plans = costs.map((costNanoUsd, at) => ingestOf({ id: `event-${at}`, costNanoUsd }, undefined, [cost]))
      await stores.ledger.commit('writer-1', plans)
      const total = 3_000_000_000n + 2n ** 53n + 1n
      expect(await stores.ledger.counter(counterAt(cost), NOON_MS)).toEqual({ settled: total, held: 0n })
      const range = { startMs: NOON_MS - 3_600_000, endMs: NOON_MS + 3_600_000 }
      const asked = { tenantId: 'acme', grain: 'quarter', range, by: [], byTime: false } as const
      for (const cube of ['account', 'quality'] as const)
        expect((await stores.reports.sums({ ...asked, cube }))[0]!.sums.costNanoUsd).toBe(total)
    })
  })
}

const HOLDS = ['settled', 'voided', 'expired'].map((id) => aHold({ id, userId: id === 'voided' ? 'bob' : 'ann' }))
/** So long ago: in the quarter, the hour, the day and the month of what was summed up before, and in others. */
const LATE_MS = [0, MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 23 * HOUR_MS, DAY_MS, 31 * DAY_MS, 400 * DAY_MS]

function told(round: number): Plan[] {
  return LATE_MS.map((lateMs, index) => {
    const usage = { buckets: { inUncached: 2 ** index, outText: round } }
    const of = {
      id: `event-${round}-${index}`,
      occurredAtMs: NOON_MS - lateMs,
      usage,
      costNanoUsd: index === 3 ? null : 7n,
    }
    return ingestOf(
      { ...of, model: index % 2 === 0 ? 'sim-small' : 'sim-large' },
      { source: 'sdk', id: of.id, digest: 'd' },
    )
  })
}

const BATCHES: readonly (readonly Plan[])[] = [
  HOLDS.map((hold) => reserveOf(hold, [])),
  [
    endOf(HOLDS[0]!, { kind: 'settle', reading: aReading() }),
    endOf(HOLDS[1]!, { kind: 'void', reading: { httpStatus: 503, durationMs: 1 } }),
    ...told(1).slice(0, 4),
  ],
  [endOf(HOLDS[2]!, { kind: 'expire' }), ...told(1).slice(4)],
  told(2),
]

/** All cells, those that an engine keeps for itself, and sums that it takes out of any of them, against the entries. */
async function expectRolledUp({ reports }: Stores): Promise<void> {
  const entries = await reports.scanEntries(undefined, 100)
  const cells: [string, Sums][] = []
  for await (const { sums, ...cell } of reports.scanRollups()) cells.push([cellId(cell), sums])
  expect(new Map(cells)).toEqual(fold(entries, (entry) => rollupsOf(entry).map((add) => [cellId(add), add.sums])))
  expect(await reports.integrity()).toEqual([])
  const asked = { tenantId: 'acme', grain: 'quarter', range: { startMs: 0, endMs: FOREVER_MS } } as const
  const ofUsers = await reports.sums({ ...asked, cube: 'account', by: ['userId'], byTime: false })
  const users = ofUsers.map(({ dimensions, sums }) => [dimensions.userId!, sums] as const)
  expect(new Map(users)).toEqual(fold(entries, (entry) => [[entry.userId, sumsOf(entry)]]))
  const days = [...new Set(entries.map(({ occurredAtMs }) => dayOf(occurredAtMs)))].toSorted((a, b) => a - b)
  if (days.length === 0) return
  const range = { startMs: days[0]!, endMs: NOON_MS + DAY_MS }
  const ofDays = await reports.sums({ ...asked, range, cube: 'quality', by: ['model'], byTime: days })
  const models = ofDays.map(({ dimensions, startMs, sums }) => [`${startMs} ${dimensions.model}`, sums] as const)
  expect(new Map(models)).toEqual(
    fold(entries, (entry) => [[`${dayOf(entry.occurredAtMs)} ${entry.model}`, sumsOf(entry)]]),
  )
}

function fold(entries: readonly Entry[], partsOf: (entry: Entry) => (readonly [string, Sums])[]): Map<string, Sums> {
  const folded = new Map<string, Sums>()
  for (const [id, sums] of entries.flatMap(partsOf)) {
    const there = folded.get(id)
    folded.set(id, there ? addSums(there, sums) : sums)
  }
  return folded
}

function sumsOf(entry: Entry): Sums {
  return rollupsOf(entry)[0]!.sums
}

/** In Tokyo, so that a day is no day of UTC. */
function dayOf(ms: number): number {
  const aheadMs = 9 * HOUR_MS
  return Math.floor((ms + aheadMs) / DAY_MS) * DAY_MS - aheadMs
}
