import { expect, test } from 'vitest'
import { alertText } from './alert.ts'
import { crossed } from './crossing.ts'
import { counterIdOf } from './counter.ts'
import type { Limit } from './limit.ts'
import type { Window } from './window.ts'

const USD = 1_000_000_000n
const MONTH: Window = { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' }
const LIMIT: Limit = {
  id: 'limit-1',
  tenantId: 'acme',
  scope: { kind: 'user', id: 'ada' },
  metric: 'costNanoUsd',
  window: MONTH,
  amount: 10n * USD,
  mode: 'soft',
  thresholds: [80],
}
/** The last second of November in Amsterdam; in UTC there is an hour of it left. */
const AT_MS = Date.parse('2026-11-30T22:59:59Z')

function textOf(settled: bigint, over: Partial<Limit> = {}, atMs = AT_MS): string {
  const limit = { ...LIMIT, ...over }
  const [crossing] = crossed(limit, counterIdOf(limit, atMs), { settled, held: 0n }, atMs)
  return alertText(crossing!, limit.window)
}

test('A04: an alert says what was used of how much, what is left, and when it resets on the clock of the limit', () => {
  const day = (zone: string): Window => ({ kind: 'calendar', unit: 'day', zone })
  expect([
    textOf((85n * USD) / 10n),
    textOf(10n * USD),
    textOf(12n * USD + 345_678_901n),
    textOf(9_999_999_999n),
    textOf(9n, { amount: 10n }),
    textOf(900_000n, { metric: 'tokens', amount: 1_000_000n, window: day('Asia/Kathmandu') }),
    textOf(80n, { metric: 'requests', amount: 100n, window: day('UTC'), scope: { kind: 'tenant', id: 'acme' } }),
    textOf(4n, {
      metric: 'requests',
      amount: 5n,
      window: { kind: 'lifetime' },
      scope: { kind: 'label', id: 'team=a b' },
    }),
    // The day on which the clock goes back has 25 hours, and ends at midnight all the same.
    textOf(9n * USD, { window: day('Europe/Amsterdam') }, Date.parse('2026-10-25T12:00:00Z')),
  ]).toEqual([
    'User ada used 85% of $10 (left $1.50), resets 1 Dec 00:00 Europe/Amsterdam',
    'User ada used 100% of $10 (left $0), resets 1 Dec 00:00 Europe/Amsterdam',
    'User ada used 123% of $10 ($2.34 beyond it), resets 1 Dec 00:00 Europe/Amsterdam',
    'User ada used 99% of $10 (left $0.000000001), resets 1 Dec 00:00 Europe/Amsterdam',
    'User ada used 90% of $0.00000001 (left $0.000000001), resets 1 Dec 00:00 Europe/Amsterdam',
    'User ada used 90% of 1,000,000 tokens (left 100,000), resets 2 Dec 00:00 Asia/Kathmandu',
    'Tenant acme used 80% of 100 requests (left 20), resets 1 Dec 00:00 UTC',
    'Label team=a b used 80% of 5 requests (left 1), never resets',
    'User ada used 90% of $10 (left $1), resets 26 Oct 00:00 Europe/Amsterdam',
  ])
})
