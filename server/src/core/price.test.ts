import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  costCeilingLines,
  costCeilingNanoUsd,
  costOf,
  type Price,
  type Rates,
  ratesFor,
  type RateTable,
} from './price.ts'
import { type Bucket, type Buckets, BUCKETS, INPUT_BUCKETS, OUTPUT_BUCKETS, UNKNOWN_USAGE } from './usage.ts'

const rate = fc.bigInt(0n, 200_000_000n)
const everyBucket = <T>(value: fc.Arbitrary<T>) =>
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, value])) as Record<Bucket, fc.Arbitrary<T>>
const completeRates: fc.Arbitrary<Rates> = fc.record({
  perToken: fc.record(everyBucket(rate)),
  perToolCall: fc.record({ web_search: rate, file_search: rate }),
})
const partialRates: fc.Arbitrary<Rates> = fc.record({
  perToken: fc.record(everyBucket(rate), { requiredKeys: [] }),
  perToolCall: fc.record({ web_search: rate }, { requiredKeys: [] }),
})
const priceWith = (rates: fc.Arbitrary<Rates>): fc.Arbitrary<Price> =>
  fc
    .record({
      rates,
      tiers: fc.uniqueArray(fc.record({ aboveInputTokens: fc.integer({ min: 1, max: 400_000 }), rates }), {
        maxLength: 3,
        selector: (tier) => tier.aboveInputTokens,
      }),
    })
    .map(({ rates: base, tiers }) => ({
      version: 'v',
      provider: 'p',
      model: 'm',
      source: 'test',
      rates: base,
      tiers: tiers.toSorted((a, b) => a.aboveInputTokens - b.aboveInputTokens),
    }))
const tokens = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 300_000 }))
const buckets: fc.Arbitrary<Buckets> = fc.record(everyBucket(tokens), { requiredKeys: [] })
const toolCalls = fc.record(
  { web_search: fc.nat(50), file_search: fc.nat(50), constructor: fc.nat(1), toString: fc.nat(1) },
  { requiredKeys: [] },
)
const known = (reported: Buckets) => Object.keys(reported).length > 0
const sumOf = (reported: Buckets, names: readonly Bucket[]) =>
  names.reduce((sum, name) => sum + BigInt(reported[name] ?? 0), 0n)

test('M33: cost is count times rate, by bucket and tool, at the tier that the input reaches, in one rounding', () => {
  fc.assert(
    fc.property(buckets.filter(known), toolCalls, priceWith(partialRates), (reported, tools, price) => {
      // An independent computation: picks the tier by hand, and keeps one exact fraction over 1000.
      const input = sumOf(reported, INPUT_BUCKETS)
      let rates = price.rates
      for (const tier of price.tiers) if (input > BigInt(tier.aboveInputTokens)) rates = tier.rates
      const parts: [string, number, bigint | undefined][] = [
        ...Object.entries(reported).map(([name, count]): [string, number, bigint | undefined] => [
          name,
          count,
          rates.perToken[name as Bucket],
        ]),
        ...Object.entries(tools).map(([kind, count]): [string, number, bigint | undefined] => [
          `toolCalls.${kind}`,
          count,
          Object.entries(rates.perToolCall).find(([name]) => name === kind)?.[1],
        ]),
      ].filter(([, count]) => count > 0)
      const missing = parts.filter(([, , each]) => each === undefined).map(([name]) => name)
      const cost = costOf({ buckets: reported, toolCalls: tools }, price)
      if (missing.length > 0) {
        expect(cost.kind).toBe('unpriced')
        expect(new Set(cost.kind === 'unpriced' ? cost.missing : [])).toEqual(new Set(missing))
      } else {
        const pico = parts.reduce((sum, [, count, each]) => sum + BigInt(count) * each!, 0n)
        const rounded = pico / 1000n + (pico % 1000n >= 500n ? 1n : 0n)
        expect(cost).toMatchObject({ kind: 'priced', costNanoUsd: rounded })
        if (cost.kind === 'priced') expect(cost.lines.reduce((sum, line) => sum + line.costPicoUsd, 0n)).toBe(pico)
      }
    }),
    { numRuns: 1000 },
  )
})

test('costs do not depend on the order in which buckets were reported', () => {
  fc.assert(
    fc.property(buckets, priceWith(completeRates), (reported, price) => {
      const reversed = Object.fromEntries(Object.entries(reported).toReversed())
      expect(costOf({ buckets: reversed }, price)).toEqual(costOf({ buckets: reported }, price))
    }),
  )
})

test('I5: a usage of which nothing is known has no cost, and a free one costs 0', () => {
  const rates: Rates = { perToken: { inUncached: 0n, outText: 0n }, perToolCall: {} }
  const price: Price = { version: 'v', provider: 'p', model: 'm', source: 'test', rates, tiers: [] }
  expect(costOf(UNKNOWN_USAGE, price)).toEqual({ kind: 'unpriced', missing: ['usage'] })
  expect(costOf({ buckets: { inUncached: 1, outText: 1 } }, price)).toMatchObject({ kind: 'priced', costNanoUsd: 0n })
  expect(costOf({ buckets: { inAudio: 1 } }, price)).toEqual({ kind: 'unpriced', missing: ['inAudio'] })
})

const inputAt = (input: bigint): Rates => ({ perToken: { inUncached: input }, perToolCall: {} })

test('a tier holds from the first token above its threshold, for the whole attempt', () => {
  const tiers = [
    { aboveInputTokens: 100, rates: inputAt(2n) },
    { aboveInputTokens: 200, rates: inputAt(3n) },
  ]
  const price: Price = { version: 'v', provider: 'p', model: 'm', source: 'test', rates: inputAt(1n), tiers }
  expect([0, 100, 101, 200, 201].map((input) => ratesFor(price, input).perToken.inUncached)).toEqual([
    1n,
    1n,
    2n,
    2n,
    3n,
  ])
})

test('the ceiling is at least the cost of every usage within the bound, in whatever buckets and tier', () => {
  fc.assert(
    fc.property(
      buckets.filter(known),
      fc.nat(100_000),
      fc.nat(100_000),
      priceWith(completeRates),
      (reported, a, b, price) => {
        const input = Number(sumOf(reported, INPUT_BUCKETS)) + a
        const output = Number(sumOf(reported, OUTPUT_BUCKETS)) + b
        const cost = costOf({ buckets: reported }, price)
        const ceiling = costCeilingNanoUsd(price, { input, output, serviceTiers: undefined })
        expect(cost.kind === 'priced' && ceiling !== undefined && ceiling >= cost.costNanoUsd).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})

test('the ceiling holds where everything is in the dearest bucket, and the bound is met exactly', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...INPUT_BUCKETS),
      fc.constantFrom(...OUTPUT_BUCKETS),
      fc.integer({ min: 1, max: 300_000 }),
      fc.nat(100_000),
      priceWith(completeRates),
      (inBucket, outBucket, input, output, price) => {
        const cost = costOf({ buckets: { [inBucket]: input, [outBucket]: output } }, price)
        const ceiling = costCeilingNanoUsd(price, { input, output, serviceTiers: undefined })
        expect(cost.kind === 'priced' && ceiling !== undefined && ceiling >= cost.costNanoUsd).toBe(true)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a bound has no ceiling where a side that it uses has no rate at all', () => {
  const rates: Rates = { perToken: { inUncached: 5n }, perToolCall: {} }
  const price: Price = { version: 'v', provider: 'p', model: 'm', source: 'test', rates, tiers: [] }
  expect(costCeilingNanoUsd(price, { input: 1, output: 1, serviceTiers: undefined })).toBeUndefined()
  expect(costCeilingNanoUsd(price, { input: 1_000, output: 0, serviceTiers: undefined })).toBe(5n)
})

const table = (input: bigint, output: bigint, aboveTen?: bigint): RateTable => ({
  rates: { perToken: { inUncached: input, outText: output }, perToolCall: { web_search: 1_000n } },
  tiers:
    aboveTen === undefined
      ? []
      : [{ aboveInputTokens: 10, rates: { perToken: { inUncached: aboveTen, outText: output }, perToolCall: {} } }],
})
const named = (model: string, base: RateTable, serviceTiers: Record<string, RateTable> = {}): Price => {
  return { version: `v-${model}`, provider: 'p', model, source: 'test', ...base, serviceTiers }
}
const tiered = named('m', table(1_000n, 2_000n), {
  flex: table(500n, 1_000n),
  priority: table(2_000n, 4_000n, 3_000n),
  'fast+us': table(9_000n, 9_000n),
})

test('M33: a usage is priced by the tier that served it, with its own long-context rates, and never by another', () => {
  const costAt = (serviceTier: string | undefined, inUncached = 10) =>
    costOf({ buckets: { inUncached, outText: 1 }, ...(serviceTier !== undefined && { serviceTier }) }, tiered)
  expect(costAt(undefined)).toMatchObject({ costNanoUsd: 12n })
  expect(costAt('flex')).toMatchObject({ costNanoUsd: 6n })
  expect(costAt('priority')).toMatchObject({ costNanoUsd: 24n })
  expect(costAt('priority', 11)).toMatchObject({ costNanoUsd: 37n })
  for (const tier of ['batch', 'fast', 'constructor', '__proto__'])
    expect(costAt(tier)).toEqual({ kind: 'unpriced', missing: [`service tier ${tier}`] })
})

test('M33: what another model used is priced by its own row, at the tier of the attempt, and named in the arithmetic', () => {
  const advisor = named('a', table(7_000n, 1n, 8_000n), { flex: table(3_000n, 1n) })
  const prices = (model: string) => (model === 'a' ? advisor : undefined)
  const usage = { buckets: { inUncached: 20 }, elsewhere: [{ model: 'a', buckets: { inUncached: 10 } }] }
  expect(costOf(usage, tiered, prices)).toEqual({
    kind: 'priced',
    costNanoUsd: 90n,
    lines: [
      { what: 'inUncached', count: 20, ratePicoUsd: 1_000n, costPicoUsd: 20_000n },
      { what: 'inUncached', count: 10, ratePicoUsd: 7_000n, costPicoUsd: 70_000n, model: 'a' },
    ],
  })
  expect(costOf({ ...usage, serviceTier: 'flex' }, tiered, prices)).toMatchObject({ costNanoUsd: 40n })
  const missingOf = (cost: ReturnType<typeof costOf>) => (cost.kind === 'unpriced' ? cost.missing : cost)
  expect(missingOf(costOf(usage, tiered))).toEqual(['a: price'])
  expect(missingOf(costOf({ ...usage, serviceTier: 'priority' }, tiered, prices))).toEqual(['a: service tier priority'])
  const audio = { buckets: {}, elsewhere: [{ model: 'a', buckets: { outAudio: 1 } }] }
  expect(missingOf(costOf(audio, tiered, prices))).toEqual(['a: outAudio'])
})

test('the ceiling covers every tier that the request may be served at, and none that it would have to ask for', () => {
  const ceiling = (serviceTiers: readonly string[] | undefined, input = 10) =>
    costCeilingNanoUsd(tiered, { input, output: 1, serviceTiers })
  expect(ceiling([])).toBe(12n)
  expect(ceiling(['flex'])).toBe(12n)
  expect(ceiling(['priority'])).toBe(24n)
  expect(ceiling(['priority'], 11)).toBe(37n)
  expect(ceiling(['priority', 'us'])).toBe(24n)
  expect(ceiling(['fast', 'priority', 'us'])).toBe(99n)
  expect(ceiling(undefined)).toBe(99n)
  const lines = costCeilingLines(tiered, { input: 10, output: 1 }, 24n)
  expect(lines?.map(({ ratePicoUsd }) => ratePicoUsd)).toEqual([2_000n, 4_000n])
  expect(costCeilingLines(tiered, { input: 10, output: 1 }, 25n)).toBeUndefined()
})
