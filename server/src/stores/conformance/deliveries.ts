import { describe, expect, test } from 'vitest'
import { newDelivery, stateOf } from '../../core/delivery.ts'
import type { Crossing } from '../../core/crossing.ts'
import type { Claim } from '../../core/ports/delivery-store.ts'
import { aCrossing, aHold, aLimit, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace } from './place.ts'
import type { Stores } from './reference.ts'
import { placesOf } from './suite.ts'

const LEASE_MS = 60_000

/** What the ports promise of telling people, on any engine. */
export function deliveryConformance(makePlace: MakePlace): void {
  describe('deliveries', () => {
    const { newPlace, newStores } = placesOf(makePlace)

    /** Two processes on one place, with one clock that a test moves. */
    async function two() {
      const clock = { nowMs: NOON_MS }
      const place = await newPlace()
      const open = () => place.open({ nowMs: () => clock.nowMs })
      return { clock, one: await open(), other: await open() }
    }

    test('A03: a crossing that was not there before is due at once, and taken by one of many that ask at once', async () => {
      const { one, other } = await two()
      const crossings = [1, 2, 3, 4, 5].map((id) => aCrossing({ id: `crossing-${id}` }))
      await Promise.all([tell(one, crossings), tell(other, crossings), tell(one, crossings)])
      const asks = [one, other, one, other].map((stores) => stores.deliveries.claim('webhook', 3, LEASE_MS))
      const taken = (await Promise.all(asks)).flat()
      taken.push(...(await until(() => one.deliveries.claim('webhook', 9, LEASE_MS), 5 - taken.length)))
      expect(taken.toSorted(byId)).toEqual(
        crossings.map((crossing) => ({
          crossing,
          delivery: { ...newDelivery(crossing, 'webhook'), attempts: 1, dueMs: NOON_MS + LEASE_MS },
        })),
      )
      expect(await other.deliveries.claim('webhook', 9, LEASE_MS)).toEqual([])
    })

    test('a crossing that was there before, or that nobody is to be told of, is told to nobody', async () => {
      const stores = await newStores()
      const [before, fresh] = [aCrossing(), aCrossing({ id: 'fresh' })]
      await put(stores, [before])
      await stores.ledger.commit('writer-1', [
        { tenantId: 'acme', adds: [], rollups: [], crossings: [before, fresh], tellOver: ['webhook'] },
        { tenantId: 'acme', adds: [], rollups: [], crossings: [aCrossing({ id: 'silent' })] },
        { tenantId: 'acme', adds: [], rollups: [], crossings: [aCrossing({ id: 'silent' })], tellOver: ['webhook'] },
      ])
      const missed = reserveOf(aHold(), [aLimit({ amount: 99n })])
      await stores.ledger.commit('writer-1', [
        { ...missed, crossings: [aCrossing({ id: 'missed' })], tellOver: ['webhook'] },
      ])
      const asked = ['crossing-1', 'fresh', 'silent', 'missed']
      expect(await stores.deliveries.ofCrossings('acme', asked)).toStrictEqual([newDelivery(fresh, 'webhook')])
      expect(await stores.deliveries.ofCrossings('other', asked)).toEqual([])
      await expect.poll(() => stores.deliveries.waiting('webhook', 9)).toEqual([newDelivery(fresh, 'webhook')])
    })

    test('A03: whoever took one and died loses it with the lease, and nobody marks it twice', async () => {
      const { clock, one, other } = await two()
      await tell(one, [aCrossing()])
      const [first] = await until(() => one.deliveries.claim('webhook', 1, LEASE_MS), 1)
      clock.nowMs += LEASE_MS - 1
      expect(await other.deliveries.claim('webhook', 1, LEASE_MS)).toEqual([])
      clock.nowMs += 1
      const [second] = await until(() => other.deliveries.claim('webhook', 1, LEASE_MS), 1)
      expect(second!.delivery.attempts).toBe(2)
      expect(await one.deliveries.end(first!.delivery, { kind: 'delivered' })).toBe(false)
      const marks = [other, one, other].map((stores) => stores.deliveries.end(second!.delivery, { kind: 'delivered' }))
      expect((await Promise.all(marks)).filter(Boolean)).toHaveLength(1)
      const [told] = await one.deliveries.ofCrossings('acme', ['crossing-1'])
      expect(told).toStrictEqual({ ...second!.delivery, dueMs: null, triedMs: clock.nowMs })
      expect(stateOf(told!)).toBe('delivered')
      clock.nowMs += LEASE_MS
      expect(await other.deliveries.claim('webhook', 1, LEASE_MS)).toEqual([])
      await expect.poll(() => one.deliveries.waiting('webhook', 1)).toEqual([])
    })

    test('an attempt that failed is due again when it says, with its error, until it is given up', async () => {
      const { clock, one, other } = await two()
      await tell(one, [aCrossing()])
      const [first] = await until(() => one.deliveries.claim('webhook', 1, LEASE_MS), 1)
      const failed = { kind: 'failed', error: 'answered 500', retryInMs: 5_000 } as const
      expect(await one.deliveries.end(first!.delivery, failed)).toBe(true)
      const waiting = { ...first!.delivery, dueMs: NOON_MS + 5_000, triedMs: NOON_MS, error: 'answered 500' }
      await expect.poll(() => other.deliveries.waiting('webhook', 9)).toEqual([waiting])
      clock.nowMs += 4_999
      expect(await other.deliveries.claim('webhook', 1, LEASE_MS)).toEqual([])
      clock.nowMs += 1
      const [again] = await until(() => other.deliveries.claim('webhook', 1, LEASE_MS), 1)
      expect(again!.delivery).toMatchObject({ attempts: 2, error: 'answered 500' })
      expect(await other.deliveries.end(again!.delivery, { kind: 'given_up', error: 'answered 410' })).toBe(true)
      const [over] = await one.deliveries.ofCrossings('acme', ['crossing-1'])
      expect([stateOf(over!), over!.error, over!.triedMs]).toEqual(['given_up', 'answered 410', clock.nowMs])
    })

    test('those due longest come first, and no more than were asked for', async () => {
      const { clock, one } = await two()
      for (const id of ['b', 'a', 'c']) {
        await tell(one, [aCrossing({ id })])
        const [taken] = await until(() => one.deliveries.claim('webhook', 1, LEASE_MS), 1)
        await one.deliveries.end(taken!.delivery, { kind: 'failed', error: 'no answer', retryInMs: 1_000 })
        clock.nowMs += 10
      }
      clock.nowMs += 1_000
      await expect.poll(async () => ids(await one.deliveries.waiting('webhook', 9))).toEqual(['b', 'a', 'c'])
      expect(ids(await one.deliveries.waiting('webhook', 2))).toEqual(['b', 'a'])
      const claimed = await one.deliveries.claim('webhook', 2, LEASE_MS)
      expect(ids(claimed.map(({ delivery }) => delivery))).toEqual(['b', 'a'])
    })
  })
}

function put({ ledger }: Stores, crossings: readonly Crossing[]) {
  return ledger.commit('writer-1', [{ tenantId: 'acme', adds: [], rollups: [], crossings }])
}

function tell({ ledger }: Stores, crossings: readonly Crossing[]) {
  return ledger.commit('writer-1', [{ tenantId: 'acme', adds: [], rollups: [], crossings, tellOver: ['webhook'] }])
}

/** Asks until so many are there: an index of some engines is a little late. */
async function until(claim: () => Promise<readonly Claim[]>, count: number): Promise<Claim[]> {
  const claimed: Claim[] = []
  await expect
    .poll(async () => {
      if (claimed.length < count) claimed.push(...(await claim()))
      return claimed.length
    })
    .toBe(count)
  return claimed
}

function byId(a: Claim, b: Claim): number {
  return a.delivery.crossingId < b.delivery.crossingId ? -1 : 1
}

function ids(deliveries: readonly { crossingId: string }[]): string[] {
  return deliveries.map(({ crossingId }) => crossingId)
}
