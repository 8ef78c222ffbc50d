import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Bucket,
  type Buckets,
  BUCKETS,
  implausible,
  INPUT_BUCKETS,
  inputTokens,
  OUTPUT_BUCKETS,
  outputTokens,
  totalTokens,
  UNKNOWN_USAGE,
} from './usage.ts'

const tokens = fc.integer({ min: 0, max: 2_000_000 })
const buckets: fc.Arbitrary<Buckets> = fc.record(
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, tokens])) as Record<Bucket, fc.Arbitrary<number>>,
  { requiredKeys: [] },
)

test('every bucket is on exactly one side', () => {
  expect([...INPUT_BUCKETS, ...OUTPUT_BUCKETS]).toEqual([...BUCKETS])
  expect(new Set(BUCKETS).size).toBe(BUCKETS.length)
})

const oracle = (reported: Buckets, names: readonly Bucket[]) => {
  const known = names.filter((name) => Object.hasOwn(reported, name))
  return known.length === 0 ? undefined : known.reduce((sum, name) => sum + reported[name]!, 0)
}

test('I5: sums are those of the reported buckets, and unknown where none was reported, which is not 0', () => {
  fc.assert(
    fc.property(buckets, (reported) => {
      const usage = { buckets: reported }
      expect(inputTokens(usage)).toBe(oracle(reported, INPUT_BUCKETS))
      expect(outputTokens(usage)).toBe(oracle(reported, OUTPUT_BUCKETS))
      expect(totalTokens(usage)).toBe(oracle(reported, BUCKETS))
    }),
  )
  expect(totalTokens(UNKNOWN_USAGE)).toBeUndefined()
  expect(totalTokens({ buckets: { outText: 0 } })).toBe(0)
})

test('a plausible usage is believed, with or without a total and a context', () => {
  fc.assert(
    fc.property(buckets, fc.boolean(), fc.boolean(), (reported, withTotal, withContext) => {
      const total = totalTokens({ buckets: reported })
      const context = withContext ? Math.ceil((total ?? 0) / 10) + 1 : undefined
      expect(implausible({ buckets: reported }, withTotal ? total : undefined, context)).toBeUndefined()
    }),
  )
})

test('B30: a usage that cannot be true is named: no count, other than its total, more than ten contexts, sums beyond integers', () => {
  const wrong = fc.oneof(
    fc.integer({ max: -1 }),
    fc.double({ noInteger: true, noNaN: true }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e300),
  )
  fc.assert(
    fc.property(buckets, fc.constantFrom(...BUCKETS), wrong, (reported, name, count) => {
      expect(implausible({ buckets: { ...reported, [name]: count } }, undefined, undefined)).toContain(name)
    }),
  )
  fc.assert(
    fc.property(buckets, wrong, (reported, count) => {
      const usage = { buckets: reported, toolCalls: { web_search: count } }
      expect(implausible(usage, undefined, undefined)).toContain('web_search')
    }),
  )
  fc.assert(
    fc.property(buckets, fc.oneof(fc.constantFrom(1, -1), fc.integer({ min: 1 })), (reported, off) => {
      const total = totalTokens({ buckets: reported })
      if (total !== undefined)
        expect(implausible({ buckets: reported }, total + off, undefined)).toContain(String(total))
    }),
  )
  expect(implausible({ buckets: { inUncached: 10_001 } }, undefined, 1000)).toContain('10 times')
  expect(implausible({ buckets: { inUncached: 10_000 } }, undefined, 1000)).toBeUndefined()
  const most = Number.MAX_SAFE_INTEGER
  expect(implausible({ buckets: { inUncached: most, outText: most } }, undefined, undefined)).toContain('cannot be')
})

test('M33: what other models used counts into the total, is checked for sense, and is in no figure of the own model', () => {
  const usage = {
    buckets: { inUncached: 10, outText: 5 },
    elsewhere: [{ model: 'advisor', buckets: { inUncached: 900, outText: 90 } }],
  }
  expect(totalTokens(usage)).toBe(1005)
  expect([inputTokens(usage), outputTokens(usage)]).toEqual([10, 5])
  expect(implausible(usage, 15, 100)).toBeUndefined()
  expect(implausible(usage, 1005, undefined)).toContain('15')
  const wrong = { ...usage, elsewhere: [{ model: 'advisor', buckets: { outText: -1 } }] }
  expect(implausible(wrong, 15, 100)).toBe('of advisor, outText is -1, which is no count of tokens')
  expect(totalTokens({ buckets: {}, elsewhere: usage.elsewhere })).toBe(990)
})
