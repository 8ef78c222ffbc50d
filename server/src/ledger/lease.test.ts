import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import { keepLease } from './lease.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const LEASE_MS = 15_000

test('whoever could not renew its lease sweeps nobody else for as long as a lease lasts', async () => {
  let isAway = false
  const sweeps: number[] = []
  const lease = await keepLease({
    store: { renewLease: () => (isAway ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve()) },
    ...{ writerId: 'one', leaseMs: LEASE_MS, onError: () => {} },
    everyRenewal: async () => sweeps.push(performance.now()),
  })
  const within = async (ms: number) => {
    sweeps.length = 0
    await vi.advanceTimersByTimeAsync(ms)
    return sweeps.length
  }
  expect(await within(LEASE_MS)).toBe(3)
  isAway = true
  expect(await within(2 * LEASE_MS)).toBe(0)
  // All leases have run out meanwhile, those of the living too: whoever comes back first would end their calls.
  isAway = false
  expect(await within(LEASE_MS)).toBe(0)
  expect(await within(LEASE_MS)).toBe(3)
  await lease.release()
})
