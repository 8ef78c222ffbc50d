import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountsOf, OUTCOMES } from '../core/entry.ts'
import { entryOf, type Hold } from '../core/hold.ts'
import { costCeilingNanoUsd } from '../core/price.ts'
import { GRAINS } from '../core/rollup.ts'
import { EVIDENCE, totalTokens, type Usage } from '../core/usage.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { aUsage, book, entryWith, PRICE, START_MS, T } from './reports.test.fixture.ts'
import { openReports } from './reports.ts'
import { piecesOf } from './sums.ts'

const someEntries = fc.array(
  fc
    .record({
      usage: aUsage,
      occurredAtMs: fc.integer({ min: START_MS, max: START_MS + 48 * GRAINS.hour - 1 }),
      model: fc.constantFrom('m', 'n'),
      userId: fc.constantFrom('alice', '__proto__'),
      outcome: fc.constantFrom(...OUTCOMES),
      evidence: fc.constantFrom(...EVIDENCE),
    })
    .map(entryWith),
  { maxLength: 15 },
)

describe('summary', () => {
  test('a range has the sums of its entries, and of its parts', async () => {
    const aQuarter = fc.integer({ min: 0, max: 192 }).map((n) => START_MS + n * GRAINS.quarter)
    await fc.assert(
      fc.asyncProperty(someEntries, fc.uniqueArray(aQuarter, { minLength: 3, maxLength: 3 }), async (entries, cuts) => {
        const reports = await book(referenceStore(), entries)
        const [from, middle, to] = cuts.toSorted((a, b) => a - b) as [number, number, number]
        const sum = (fromMs: number, toMs: number) => reports.summary(T, { fromMs, toMs, zone: 'UTC', byUser: true })
        const [whole, first, second] = await Promise.all([sum(from, to), sum(from, middle), sum(middle, to)])
        const inside = entries.filter(({ occurredAtMs }) => occurredAtMs >= from && occurredAtMs < to)
        const costNanoUsd = inside.reduce((total, entry) => total + (entry.costNanoUsd ?? 0n), 0n)
        expect(whole.costNanoUsd).toBe(costNanoUsd)
        expect(whole.totalTokens).toBe(inside.reduce((total, entry) => total + amountsOf(entry).tokens, 0n))
        expect(whole.inputTokens + whole.outputTokens).toBe(whole.totalTokens)
        expect(whole.entries).toBe(BigInt(inside.length))
        expect(whole.unpricedEntries).toBe(BigInt(inside.filter((entry) => entry.costNanoUsd === null).length))
        expect(whole.unknownEntries).toBe(BigInt(inside.filter(({ usage }) => totalTokens(usage) === undefined).length))
        for (const name of ['entries', 'requests', 'inputTokens', 'cachedTokens', 'costNanoUsd'] as const)
          expect(first[name] + second[name]).toBe(whole[name])
        for (const parts of [Object.values(whole.byEvidence), Object.values(whole.byOutcome)])
          expect(parts.reduce((total, part) => total + part, 0n)).toBe(whole.entries)
        for (const lines of [whole.byModel, whole.byUser!])
          expect(lines.reduce((total, line) => total + line.costNanoUsd, 0n)).toBe(costNanoUsd)
      }),
      { numRuns: 60 },
    )
  })

  test('the pieces of a range are the range, without gap or overlap, hours only where they are whole', () => {
    const aQuarter = fc.nat(1_000).map((n) => n * GRAINS.quarter)
    fc.assert(
      fc.property(aQuarter, aQuarter, (a, b) => {
        fc.pre(a !== b)
        const range = { startMs: Math.min(a, b), endMs: Math.max(a, b) }
        let at = range.startMs
        for (const { grain, range: piece } of piecesOf(range)) {
          expect(piece.startMs).toBe(at)
          expect(piece.startMs % GRAINS[grain]).toBe(0)
          expect(piece.endMs % GRAINS[grain]).toBe(0)
          at = piece.endMs
        }
        expect(at).toBe(range.endMs)
      }),
    )
  })

  test('today is the day of the zone, also where it has 25 hours', async () => {
    const reports = openReports(referenceStore(), () => Date.UTC(2026, 9, 25, 12))
    expect(await reports.summary(T, { zone: 'europe/amsterdam' })).toMatchObject({
      from: '2026-10-24T22:00:00.000Z',
      to: '2026-10-25T23:00:00.000Z',
      zone: 'Europe/Amsterdam',
    })
    expect(await reports.summary(T, { zone: 'Asia/Kathmandu' })).toMatchObject({ from: '2026-10-24T18:15:00.000Z' })
  })

  test('a range that is empty, off the quarter or in no zone is refused by name', async () => {
    const reports = openReports(referenceStore(), () => START_MS)
    const asked = [
      [{ fromMs: START_MS, toMs: START_MS, zone: 'UTC' }, 'from'],
      [{ fromMs: START_MS + 1, zone: 'UTC' }, 'from'],
      [{ toMs: START_MS + 1, zone: 'UTC' }, 'to'],
      [{ zone: 'Mars/Olympus' }, 'zone'],
      [{ zone: '+02:00' }, 'zone'],
    ] as const
    for (const [range, field] of asked)
      await expect(reports.summary(T, range)).rejects.toMatchObject({ body: { code: 'invalid_field', field } })
  })
})

describe('how was this counted', () => {
  test('the lines of an entry add up to its cost, in one rounding', async () => {
    await fc.assert(
      fc.asyncProperty(aUsage, fc.nat(3), async (usage, searches) => {
        const entry = entryWith({ usage: { ...usage, toolCalls: { web_search: searches } } })
        const detail = await (await book(referenceStore(), [entry])).entry(T, entry.id)
        const picoUsd = detail!.costLines.reduce((sum, line) => sum + line.costPicoUsd, 0n)
        if (entry.costNanoUsd === null) expect(detail!.costLines).toEqual([])
        else expect((picoUsd + 500n) / 1000n).toBe(entry.costNanoUsd)
        for (const { count, ratePicoUsd, costPicoUsd } of detail!.costLines)
          expect(BigInt(count) * ratePicoUsd).toBe(costPicoUsd)
      }),
      { numRuns: 100 },
    )
  })

  test('what a dead process left has the lines of its bound', async () => {
    const bound = { inputTokens: 300, outputTokens: 40 }
    const { ending: _, ...attempt } = entryWith()
    const hold: Hold = {
      ...attempt,
      writerId: 'w1',
      version: 1,
      bound,
      boundCostNanoUsd: costCeilingNanoUsd(PRICE, { input: 300, output: 40, serviceTiers: undefined })!,
      priceVersion: 'v1',
      counters: [],
    }
    const entry = entryOf(hold, { kind: 'expire' })
    const detail = await (await book(referenceStore(), [entry])).entry(T, entry.id)
    const picoUsd = detail!.costLines.reduce((sum, line) => sum + line.costPicoUsd, 0n)
    expect((picoUsd + 999n) / 1000n).toBe(entry.costNanoUsd)
    expect(detail).toMatchObject({ evidence: 'bounded', ending: 'expired', totalTokens: 340 })
  })

  test('M33: another model inside the attempt has lines of its own, from its own price at the tier that served', async () => {
    const usage: Usage = {
      buckets: { inUncached: 10 },
      serviceTier: 'flex',
      elsewhere: [{ model: 'advisor', buckets: { inUncached: 1_000 }, priceVersion: 'v2' }],
    }
    const entry = entryWith({ usage, priceVersion: 'v2', costNanoUsd: 3_030n })
    const reports = await book(referenceStore(), [entry])
    const detail = await reports.entry(T, entry.id)
    expect(detail).toMatchObject({
      serviceTier: 'flex',
      inputTokens: 10,
      totalTokens: 1_010,
      price: { version: 'v2', ratesPicoUsd: { inUncached: 3_000n } },
      elsewhere: [{ model: 'advisor', buckets: { inUncached: 1_000 }, price: { version: 'v2', model: 'advisor' } }],
      costLines: [
        { what: 'inUncached', model: null, count: 10, costPicoUsd: 30_000n },
        { what: 'inUncached', model: 'advisor', count: 1_000, costPicoUsd: 3_000_000n },
      ],
    })
    // What it used is in the same sums as in the counters of limits.
    expect(await reports.summary(T, { fromMs: START_MS, toMs: START_MS + 900_000, zone: 'UTC' })).toMatchObject({
      totalTokens: 1_010n,
    })
  })

  test('what is unknown or unpriced is null, never 0', async () => {
    const entry = entryWith({ usage: { buckets: {} }, costNanoUsd: null, priceVersion: null, evidence: 'unknown' })
    const reports = await book(referenceStore(), [entry])
    const [row] = (await reports.entries({ tenantId: T, limit: 1 })).entries
    expect(row).toMatchObject({ inputTokens: null, cachedTokens: null, outputTokens: null, totalTokens: null })
    expect(row!.costNanoUsd).toBeNull()
    expect(await reports.entry(T, entry.id)).toMatchObject({ price: null, costLines: [], rawUsage: null })
  })

  test('the raw usage has its numbers as they were written', async () => {
    const rawUsage = '{"prompt_tokens":9007199254740993,"__proto__":{"x":1.50}}'
    const entry = entryWith({ rawUsage })
    const detail = await (await book(referenceStore(), [entry])).entry(T, entry.id)
    expect(JSON.stringify(detail!.rawUsage)).toBe(rawUsage)
  })
})

test('entries come in pages without repeating or losing one, newest first', async () => {
  const entries = Array.from({ length: 7 }, (_, n) => entryWith({ occurredAtMs: START_MS + Math.floor(n / 3) }))
  const reports = await book(referenceStore(), entries)
  const seen: string[] = []
  let before: { occurredAtMs: number; id: string } | null | undefined
  do {
    const page = await reports.entries({ tenantId: T, limit: 2, ...(before && { before }) })
    seen.push(...page.entries.map(({ id }) => id))
    before = page.nextBefore
  } while (before)
  expect(seen).toHaveLength(7)
  expect(new Set(seen)).toEqual(new Set(entries.map(({ id }) => id)))
  expect(seen.slice(0, 1)).toEqual([entries[6]!.id])
})
