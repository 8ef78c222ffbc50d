import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AccountAnswer } from '../../core/account.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import { aLimit, counterAt, ingestOf, NOON_MS } from '../conformance/fixtures.ts'
import type { Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { newPlace } from './place.ts'

const MANY = 2_000
const LIMIT = aLimit({ scope: { kind: 'label', id: 'team=a' } })

let place: Place
let stores: Stores
beforeEach(async () => {
  place = await newPlace()
  stores = await place.open({ nowMs: () => NOON_MS })
  await stores.accounts.tenant('acme')
  const events = Array.from({ length: MANY }, (_, at) => ingestOf({ id: `${at}`, labels: { team: 'a' } }, undefined))
  await stores.ledger.commit('writer-1', events)
})
afterEach(() => place.remove())

function putLimit(): Promise<AccountAnswer> {
  const putLimits = { limits: [LIMIT], atMs: NOON_MS }
  return stores.accounts.commit({ tenantId: 'acme', expectVersion: 1, putLimits })
}

test('while the limit of a label adds up its entries, commits of the same process go on', async () => {
  const state = { isOver: false }
  const put = putLimit().finally(() => {
    state.isOver = true
  })
  let committed = 0
  while (!state.isOver) {
    const event = ingestOf({ id: `meanwhile-${committed}` }, undefined)
    const [answer] = await stores.ledger.commit('writer-1', [{ ...event, expectTenantVersion: 1 }])
    if (answer!.kind === 'committed') committed++
    await new Promise(setImmediate)
  }
  expect(await put).toMatchObject({ kind: 'committed' })
  // Had it been read on the main thread, one could slip in before and none meanwhile.
  expect(committed).toBeGreaterThan(2)
  expect((await stores.ledger.counter(counterAt(LIMIT), NOON_MS)).settled).toBe(BigInt(MANY) * 30n)
})

test('a limit that is there is changed without reading entries again', async () => {
  await putLimit()
  const started = vi.fn()
  process.on('worker', started)
  await stores.accounts.commit({
    ...{ tenantId: 'acme', expectVersion: 2 },
    putLimits: { limits: [{ ...LIMIT, amount: 1n }], atMs: NOON_MS },
  })
  process.off('worker', started)
  expect(started).not.toHaveBeenCalled()
})

test('a store that is closed meanwhile refuses the limit', async () => {
  const put = putLimit()
  await Promise.all([expect(put).rejects.toThrow(StoreUnavailable), stores.close()])
})
