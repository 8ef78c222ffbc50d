import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ErrorCode } from '../core/errors.ts'
import { MOST_SAMPLES_PER_QUARTER, type Refusal } from '../core/refusal.ts'
import { fairSamples } from './samples.ts'

function refusal(code: ErrorCode, limitId: string | null = null, shadow = false): Refusal {
  const who = { tenantId: 'acme', userId: 'alice', keyId: 'key_1', provider: 'openai', model: 'gpt-4o' }
  return { id: '', callId: '', atMs: 0, ...who, code, limitId, shadow, message: '', details: {} }
}
const reasonOf = ({ code, limitId, shadow }: Refusal) => JSON.stringify([code, limitId, shadow])

test('every reason has a sample, whatever floods us before or after it, and the budget is shared among the reasons', () => {
  const reason = fc.record({
    code: fc.constantFrom<ErrorCode>('invalid_field', 'limit_reached', 'rate_limited'),
    limitId: fc.constantFrom('one', 'two', null),
    shadow: fc.boolean(),
  })
  const many = fc.array(fc.tuple(reason, fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(many, fc.integer({ min: 1, max: 30 }), (floods, budget) => {
      const samples = fairSamples(budget)
      const seen = new Map<string, number>()
      for (const [{ code, limitId, shadow }, times] of floods)
        for (let time = 0; time < times; time++) {
          const one = refusal(code, limitId, shadow)
          samples.add(one)
          seen.set(reasonOf(one), (seen.get(reasonOf(one)) ?? 0) + 1)
        }
      const kept = Map.groupBy(samples.kept(), reasonOf)
      const share = Math.max(1, Math.floor(budget / seen.size))
      for (const [one, times] of seen)
        expect(kept.get(one)?.length ?? 0, one).toBeGreaterThanOrEqual(Math.min(times, share))
      expect(samples.kept().length).toBeLessThanOrEqual(Math.max(budget, seen.size))
      expect(new Set(samples.kept().slice(0, seen.size).map(reasonOf)).size).toBe(seen.size)
    }),
  )
})

test('a single reason has the whole budget, and its first refusal is among the samples', () => {
  const samples = fairSamples(20)
  const flood = Array.from({ length: 100 }, () => refusal('invalid_field'))
  for (const one of flood) samples.add(one)
  expect(samples.kept()).toEqual(flood.slice(0, 20))
  expect(samples.kept()[0]).toBe(flood[0])
})

test('reasons without end take no memory without end', () => {
  const samples = fairSamples(20)
  for (let limit = 0; limit < 10_000; limit++) samples.add(refusal('limit_reached', `limit ${limit}`))
  expect(samples.kept()).toHaveLength(MOST_SAMPLES_PER_QUARTER)
})
