import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { crossed } from './crossing.ts'
import type { Limit } from './limit.ts'

const LIMIT: Limit = {
  id: 'limit-1',
  tenantId: 'acme',
  scope: { kind: 'tenant', id: 'acme' },
  metric: 'costNanoUsd',
  window: { kind: 'lifetime' },
  amount: 0n,
  mode: 'hard',
}

test('A01: exactly the thresholds that settled amounts have reached are crossed, whatever is held', () => {
  const amount = fc.bigInt(1n, 2n ** 62n)
  const threshold = fc.integer({ min: 1, max: 1_000 })
  const property = fc.property(amount, amount, amount, fc.uniqueArray(threshold), (of, settled, held, thresholds) => {
    const crossings = crossed({ ...LIMIT, amount: of, thresholds }, 'counter', { settled, held }, 7)
    const reached = thresholds.filter((percent) => (settled * 100n) / BigInt(percent) >= of)
    expect(crossings.map((crossing) => crossing.threshold)).toEqual(reached)
    expect(new Set(crossings.map(({ id }) => id)).size).toBe(reached.length)
  })
  fc.assert(property, { numRuns: 500 })
  const at = (settled: bigint) =>
    crossed({ ...LIMIT, amount: 1_000n, thresholds: [80] }, 'counter', { settled, held: 0n }, 7)
  expect([at(799n).length, at(800n).length]).toEqual([0, 1])
})

test('a limit without an amount, or of 0, has no thresholds to cross', () => {
  const value = { settled: 5n, held: 0n }
  for (const amount of [0n, null])
    expect(crossed({ ...LIMIT, amount, thresholds: [1] }, 'counter', value, 7)).toEqual([])
  expect(crossed({ ...LIMIT, amount: 1n }, 'counter', value, 7)).toEqual([])
})
