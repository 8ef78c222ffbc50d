import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ENDINGS, type Entry, OUTCOMES } from './entry.ts'
import { NO_AMOUNTS } from './limit.ts'
import { addSums, cellId, CUBES, DIMENSIONS, GRAINS, MEASURES, type RollupAdd, rollupsOf, type Sums } from './rollup.ts'
import { type Bucket, BUCKETS, EVIDENCE } from './usage.ts'

/** Few, so that entries meet in their cells; and such that they read alike when written one after the other. */
const id = fc.constantFrom('', 'a', 'aa')
const mostly = fc.oneof({ weight: 4, arbitrary: fc.constant('a') }, { weight: 1, arbitrary: id })
const buckets = fc.record(
  Object.fromEntries(BUCKETS.map((bucket) => [bucket, fc.nat(10_000)])) as Record<Bucket, fc.Arbitrary<number>>,
  { requiredKeys: [] },
)
const entry: fc.Arbitrary<Entry> = fc
  .record({
    id: fc.uuid(),
    tenantId: mostly,
    userId: mostly,
    keyId: mostly,
    provider: mostly,
    model: mostly,
    outcome: fc.constantFrom(...OUTCOMES),
    evidence: fc.constantFrom(...EVIDENCE),
    ending: fc.constantFrom(...ENDINGS),
    usage: buckets.map((known) => ({ buckets: known })),
    costNanoUsd: fc.option(fc.bigInt(0n, 10n ** 15n)),
    occurredAtMs: fc.integer({ min: 1_780_000_000_000, max: 1_780_010_000_000 }),
    durationMs: fc.nat(100_000),
  })
  .map((varied) => ({
    callId: 'c',
    attempt: 1,
    format: 'f',
    stream: false,
    audit: {},
    labels: {},
    rawUsage: null,
    quarantine: null,
    servedModel: null,
    priceVersion: null,
    httpStatus: 200,
    firstByteMs: null,
    held: NO_AMOUNTS,
    ...varied,
    countedAtMs: varied.occurredAtMs - 50_000,
  }))

/** The rollups after some adds, as a store keeps them. */
function fold(adds: readonly RollupAdd[], into = new Map<string, Sums>()): Map<string, Sums> {
  for (const add of adds) {
    const there = into.get(cellId(add))
    into.set(cellId(add), there ? addSums(there, add.sums) : add.sums)
  }
  return into
}

test('M43: rollups come out the same in any order and any batching of their entries', () => {
  const shuffled = fc.array(entry, { maxLength: 30 }).chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      order: fc.shuffledSubarray(entries, { minLength: entries.length }),
      size: fc.integer({ min: 1, max: 10 }),
    }),
  )
  fc.assert(
    fc.property(shuffled, ({ entries, order, size }) => {
      const expected = fold(entries.flatMap(rollupsOf))
      expect(fold(order.flatMap(rollupsOf))).toEqual(expected)
      // Each batch is summed by itself first, as a group commit does, and then added to what is there.
      const batched = new Map<string, Sums>()
      for (let at = 0; at < order.length; at += size)
        for (const [cell, sums] of fold(order.slice(at, at + size).flatMap(rollupsOf))) {
          const there = batched.get(cell)
          batched.set(cell, there ? addSums(sums, there) : sums)
        }
      expect(batched).toEqual(expected)
    }),
  )
})

test('I4: every cube and grain adds up to the entries, for every measure', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
      const adds = entries.flatMap(rollupsOf)
      const total = (select: (one: Entry) => bigint) => entries.reduce((sum, one) => sum + select(one), 0n)
      const expected: Sums = {
        ...(Object.fromEntries(
          BUCKETS.map((bucket) => [bucket, total((one) => BigInt(one.usage.buckets[bucket] ?? 0))]),
        ) as Record<Bucket, bigint>),
        entries: BigInt(entries.length),
        requests: total((one) => (one.outcome === 'voided' ? 0n : 1n)),
        costNanoUsd: total((one) => one.costNanoUsd ?? 0n),
        unpriced: total((one) => (one.costNanoUsd === null ? 1n : 0n)),
        unknown: total((one) => (Object.keys(one.usage.buckets).length === 0 ? 1n : 0n)),
        durationMs: total((one) => BigInt(one.durationMs)),
      }
      for (const cube of Object.keys(CUBES))
        for (const grain of Object.keys(GRAINS)) {
          const cells = adds.filter((add) => add.cube === cube && add.grain === grain)
          for (const measure of MEASURES)
            expect(cells.reduce((sum, add) => sum + add.sums[measure], 0n)).toBe(expected[measure])
        }
    }),
  )
})

test('a cell has its entry’s coordinates in the dimensions of its cube, and the bucket that its instant is in', () => {
  fc.assert(
    fc.property(entry, (one) => {
      const adds = rollupsOf(one)
      expect(adds.map(({ cube, grain }) => `${cube} ${grain}`).toSorted()).toEqual([
        'account hour',
        'account quarter',
        'quality hour',
        'quality quarter',
      ])
      for (const add of adds) {
        const width = GRAINS[add.grain]
        expect(add.startMs % width).toBe(0)
        expect(add.startMs <= one.occurredAtMs && one.occurredAtMs < add.startMs + width).toBe(true)
        for (const name of DIMENSIONS)
          expect(add.dimensions[name]).toBe((CUBES[add.cube] as readonly string[]).includes(name) ? one[name] : '')
      }
    }),
  )
})

test('cells are one only where all their coordinates are', () => {
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      const [first] = rollupsOf(a)
      const [second] = rollupsOf(b)
      const { sums: _, ...left } = first!
      const { sums: __, ...right } = second!
      expect(cellId(left) === cellId(right)).toBe(JSON.stringify(left) === JSON.stringify(right))
    }),
  )
})
