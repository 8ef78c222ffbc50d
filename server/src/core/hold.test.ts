import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { amountsOf, type Reading } from './entry.ts'
import { entryOf, heldAmounts, type Hold } from './hold.ts'
import { totalTokens } from './usage.ts'

const text = fc.string({ maxLength: 5 })
const hold: fc.Arbitrary<Hold> = fc.record({
  id: fc.uuid(),
  callId: fc.uuid(),
  attempt: fc.integer({ min: 1, max: 3 }),
  format: text,
  stream: fc.boolean(),
  tenantId: text,
  userId: text,
  keyId: text,
  provider: text,
  model: text,
  writerId: text,
  version: fc.nat(5),
  audit: fc.record({ question: text }),
  labels: fc.dictionary(text, text, { maxKeys: 2 }),
  countedAtMs: fc.nat(),
  bound: fc.option(
    fc.record({ inputTokens: fc.nat(Number.MAX_SAFE_INTEGER), outputTokens: fc.nat(Number.MAX_SAFE_INTEGER) }),
  ),
  boundCostNanoUsd: fc.option(fc.bigInt(0n, 10n ** 15n)),
  priceVersion: fc.option(text),
  counters: fc.array(text),
})
const reading: fc.Arbitrary<Reading> = fc.record({
  outcome: fc.constantFrom('completed', 'cancelled', 'upstream_error', 'cut'),
  evidence: fc.constantFrom('reported', 'estimated', 'unknown'),
  usage: fc.record({ buckets: fc.record({ inUncached: fc.nat(1000), outText: fc.nat(1000) }, { requiredKeys: [] }) }),
  rawUsage: fc.option(text),
  quarantine: fc.option(text),
  servedModel: fc.option(text),
  priceVersion: fc.option(text),
  costNanoUsd: fc.option(fc.bigInt(0n, 10n ** 12n)),
  httpStatus: fc.option(fc.nat(599)),
  firstByteMs: fc.option(fc.nat()),
  durationMs: fc.nat(),
})

/** What every end keeps of its hold. */
function kept(one: Hold): object {
  const {
    writerId: _,
    version: __,
    bound: ___,
    boundCostNanoUsd: ____,
    priceVersion: _____,
    counters: ______,
    ...attempt
  } = one
  return { ...attempt, occurredAtMs: one.countedAtMs, held: heldAmounts(one) }
}

test('a settled hold leaves the attempt and its reading, unchanged', () => {
  fc.assert(
    fc.property(hold, reading, (one, read) => {
      const entry = entryOf(one, { kind: 'settle', reading: read })
      expect(entry).toEqual({ ...kept(one), ...read, ending: 'settled' })
      expect(amountsOf(entry)).toEqual({
        tokens: BigInt(totalTokens(read.usage) ?? 0),
        requests: 1n,
        costNanoUsd: read.costNanoUsd ?? 0n,
      })
    }),
  )
})

test('M20: a voided hold leaves an entry that used nothing, and says so as known, not as unknown', () => {
  fc.assert(
    fc.property(hold, fc.option(fc.nat(599)), fc.nat(), (one, httpStatus, durationMs) => {
      const entry = entryOf(one, { kind: 'void', reading: { httpStatus, durationMs } })
      expect(entry).toMatchObject({
        ...kept(one),
        ending: 'voided',
        outcome: 'voided',
        evidence: 'reported',
        httpStatus,
        durationMs,
      })
      expect(amountsOf(entry)).toEqual({ tokens: 0n, requests: 0n, costNanoUsd: 0n })
      expect(totalTokens(entry.usage)).toBe(0)
    }),
  )
})

test('an expired hold is counted in full where it had a bound, marked as bounded; without one its usage is unknown', () => {
  fc.assert(
    fc.property(hold, (one) => {
      const entry = entryOf(one, { kind: 'expire' })
      const { inputTokens, outputTokens } = one.bound ?? {}
      expect(entry).toMatchObject({ ...kept(one), ending: 'expired', outcome: 'cut', priceVersion: one.priceVersion })
      expect(entry.evidence).toBe(one.bound ? 'bounded' : 'unknown')
      expect(entry.usage.buckets.inUncached).toBe(inputTokens)
      expect(entry.usage.buckets.outText).toBe(outputTokens)
      expect(entry.costNanoUsd).toBe(one.boundCostNanoUsd)
    }),
  )
})

test('a hold sets aside its whole bound, exactly, even where the sum is beyond 2^53', () => {
  fc.assert(
    fc.property(hold, (one) => {
      const tokens = one.bound ? BigInt(one.bound.inputTokens) + BigInt(one.bound.outputTokens) : 0n
      expect(heldAmounts(one)).toEqual({ tokens, requests: 1n, costNanoUsd: one.boundCostNanoUsd ?? 0n })
    }),
  )
})
