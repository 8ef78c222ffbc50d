import { expect, test } from 'vitest'
import type { HardLimit } from '../ledger/plans.ts'
import { refusalError } from './refusal.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 12)
const limit: HardLimit = {
  id: 'limit_1',
  tenantId: 'default',
  scope: { kind: 'user', id: 'alice' },
  metric: 'tokens',
  window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
  amount: 1_000_000n,
  mode: 'hard',
}

test('a refusal says which limit, what was used, held and asked, and when it resets in the zone of the limit', () => {
  const resetsAtMs = Temporal.ZonedDateTime.from('2026-12-01T00:00[Europe/Amsterdam]').epochMilliseconds
  const value = { settled: 990_000n, held: 10_000n }
  const { body } = refusalError({ limit, value, asked: 4_096n, resetsAtMs }, NOW_MS)
  expect(body.message).toBe(
    'alice has used 990,000 tokens of 1,000,000 tokens this month (10,000 tokens held by calls under way, 0 tokens left, ' +
      'up to 4,096 tokens needed). It resets at 2026-12-01 00:00:00 Europe/Amsterdam.',
  )
  expect(body).toMatchObject({
    code: 'limit_reached',
    details: { limit: '1000000', used: '990000', held: '10000', asked: '4096', resetsAt: '2026-11-30T23:00:00.000Z' },
  })
  expect(body.retryAfterSeconds).toBeUndefined()
})

test('waiting is advised only where it helps: in a minute window, for a call that fits the limit at all', () => {
  const minute: HardLimit = { ...limit, window: { kind: 'minute' } }
  const value = { settled: 999_999n, held: 0n }
  const refused = (asked: bigint) =>
    refusalError({ limit: minute, value, asked, resetsAtMs: NOW_MS + 12_300 }, NOW_MS).body
  expect(refused(5n)).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 13 })
  expect(refused(1_000_001n).code).toBe('limit_reached')
})
