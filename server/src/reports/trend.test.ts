import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counterId, counterOf } from '../core/counter.ts'
import { OUTCOMES } from '../core/entry.ts'
import type { Limit } from '../core/limit.ts'
import { GRAINS } from '../core/rollup.ts'
import { CALENDAR_UNITS, rangeAt } from '../core/window.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { limitReport } from './limits.ts'
import { aUsage, book, entryWith, START_MS, T } from './reports.test.fixture.ts'
import { bucketStarts, type TrendPoint } from './trend.ts'

/** On whole hours and beside them, with and without days of 23, 24.5 and 25 hours, and on both sides of the date line. */
const ZONES = [
  ...['UTC', 'Europe/Amsterdam', 'Europe/London', 'America/New_York', 'America/St_Johns', 'America/Los_Angeles'],
  ...['America/Sao_Paulo', 'America/Havana', 'America/Caracas', 'Africa/Cairo', 'Africa/Casablanca', 'Asia/Tehran'],
  ...['Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Shanghai', 'Asia/Tokyo', 'Asia/Beirut', 'Australia/Adelaide'],
  ...[
    'Australia/Eucla',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'Pacific/Kiritimati',
    'Pacific/Apia',
    'Pacific/Marquesas',
  ],
]

const NAMES = ['requests', 'inputTokens', 'cachedTokens', 'outputTokens', 'totalTokens', 'costNanoUsd'] as const
const add = (points: readonly TrendPoint[]) =>
  Object.fromEntries(NAMES.map((name) => [name, points.reduce((sum, point) => sum + point[name], 0n)]))

const someEntries = fc.array(
  fc
    .record({
      usage: aUsage,
      occurredAtMs: fc.integer({ min: START_MS, max: START_MS + 96 * GRAINS.hour - 1 }),
      model: fc.constantFrom('m', 'n'),
      // More than there are series.
      userId: fc.constantFrom(...Array.from({ length: 12 }, (_, n) => `user ${n}`), '__proto__'),
      outcome: fc.constantFrom(...OUTCOMES),
    })
    .map(entryWith),
  { minLength: 1, maxLength: 25 },
)
const aRange = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 * 4 }), { minLength: 2, maxLength: 2 })
  .map(
    ([a = 0, b = 0]) => [Math.min(a, b), Math.max(a, b)].map((n) => START_MS + n * GRAINS.quarter) as [number, number],
  )

describe('trend', () => {
  test('T10: in each of 24 zones the sum of the days is the range, however the series are apart', async () => {
    expect(new Set(ZONES).size).toBe(24)
    await fc.assert(
      fc.asyncProperty(
        ...[someEntries, aRange, fc.constantFrom(...ZONES)],
        fc.constantFrom('quarter', 'hour', 'day'),
        fc.constantFrom('none', 'model', 'user', 'key', 'provider', 'outcome'),
        async (entries, [fromMs, toMs], zone, bucket, by) => {
          // Where days meet, on either side.
          const midnights = bucketStarts({ startMs: START_MS, endMs: START_MS + 96 * GRAINS.hour }, 'day', zone).slice(
            1,
          )
          const atMidnight = midnights.flatMap((at) => [at - 1, at]).map((at) => entryWith({ occurredAtMs: at }))
          const reports = await book(referenceStore(), [...entries, ...atMidnight])
          const asked = { fromMs, toMs, zone }
          const whole = await reports.summary(T, asked)
          const { series, ...of } = await reports.trend(T, { ...asked, bucket, by, where: {} })
          expect([of.from, of.to, of.zone]).toEqual([whole.from, whole.to, whole.zone])
          expect(add(series.flatMap(({ points }) => points))).toEqual(
            Object.fromEntries(NAMES.map((name) => [name, whole[name]])),
          )
          expect(series.length).toBeLessThanOrEqual(9)
          const starts = bucketStarts({ startMs: fromMs, endMs: toMs }, bucket, zone)
          for (const { points } of series) {
            expect(points.map(({ start }) => Date.parse(start))).toEqual(starts)
            for (const point of points) for (const name of NAMES) expect(point[name] >= 0n).toBe(true)
          }
          if (bucket !== 'day') return
          const days = await Promise.all(
            starts.map((start, at) => reports.summary(T, { fromMs: start, toMs: starts[at + 1] ?? toMs, zone })),
          )
          for (const name of NAMES) {
            expect(days.reduce((sum, day) => sum + day[name], 0n)).toBe(whole[name])
            for (const [at, day] of days.entries())
              expect(series.reduce((sum, { points }) => sum + points[at]![name], 0n)).toBe(day[name])
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('T11: days are those of the zone, half-open, of 23 and 25 hours where its clocks change', async () => {
    const entries = [
      '2026-10-24T21:59:59.999Z',
      '2026-10-24T22:00:00Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00Z',
    ]
    const reports = await book(
      referenceStore(),
      entries.map((at) => entryWith({ occurredAtMs: Date.parse(at) })),
    )
    const asked = {
      fromMs: Date.parse('2026-10-23T22:00Z'),
      toMs: Date.parse('2026-10-26T23:00Z'),
      zone: 'Europe/Amsterdam',
    }
    const { series } = await reports.trend(T, { ...asked, bucket: 'day', by: 'none', where: {} })
    expect(series).toMatchObject([{ key: null }])
    expect(series[0]!.points.map(({ start, requests }) => [start, requests])).toEqual([
      ['2026-10-23T22:00:00.000Z', 1n],
      ['2026-10-24T22:00:00.000Z', 2n],
      ['2026-10-25T23:00:00.000Z', 1n],
    ])
    const spring = { startMs: Date.parse('2026-03-28T23:00Z'), endMs: Date.parse('2026-03-30T22:00Z') }
    const lengths = (starts: number[], endMs: number) =>
      starts.map((start, at) => ((starts[at + 1] ?? endMs) - start) / GRAINS.hour)
    expect(lengths(bucketStarts(spring, 'day', 'Europe/Amsterdam'), spring.endMs)).toEqual([23, 24])
    expect(bucketStarts(spring, 'hour', 'Europe/Amsterdam')).toHaveLength(47)
  })

  test('the dearest eight have their own series, and filters leave only what they name', async () => {
    const entries = Array.from({ length: 10 }, (_, n) =>
      entryWith({ userId: `u${n}`, model: n < 5 ? 'm' : 'n', usage: { buckets: { inUncached: (n + 1) * 10 } } }),
    )
    const reports = await book(referenceStore(), entries)
    const asked = { fromMs: START_MS, toMs: START_MS + GRAINS.hour, zone: 'UTC', bucket: 'hour' } as const
    const byUser = await reports.trend(T, { ...asked, by: 'user', where: {} })
    expect(byUser.series.map(({ key }) => key)).toEqual([...[9, 8, 7, 6, 5, 4, 3, 2].map((n) => `u${n}`), 'other'])
    expect(byUser.series.at(-1)!.points).toMatchObject([{ totalTokens: 30n, requests: 2n }])
    const ofM = await reports.trend(T, { ...asked, by: 'user', where: { model: 'm' } })
    expect(ofM.series.map(({ key }) => key)).toEqual(['u4', 'u3', 'u2', 'u1', 'u0'])
    const ofOne = await reports.trend(T, { ...asked, by: 'none', where: { userId: 'u3', keyId: 'k1' } })
    expect(ofOne.series).toMatchObject([{ key: null, points: [{ totalTokens: 40n }] }])
    expect(await reports.trend(T, { ...asked, by: 'outcome', where: { userId: 'u3' } })).toMatchObject({
      series: [{ key: 'completed', points: [{ totalTokens: 40n }] }],
    })
    const summary = await reports.summary(T, { ...asked, userId: 'u3', model: 'm' })
    expect(summary).toMatchObject({
      ...{ totalTokens: 40n, requests: 1n },
      ...{ byEvidence: { reported: 1n, bounded: 0n }, byOutcome: { completed: 1n, cut: 0n } },
    })
    expect(await reports.summary(T, { ...asked, model: 'n' })).toMatchObject({
      requests: 5n,
      byOutcome: { completed: 5n },
    })
  })

  test('more than 800 buckets are refused, and not counted first', () => {
    const range = { startMs: 0, endMs: 8_640_000_000_000_000 }
    for (const bucket of ['quarter', 'hour', 'day'] as const)
      expect(() => bucketStarts(range, bucket, 'Europe/Amsterdam')).toThrow('more than 800')
  })
})

test('T05: what a limit says of its reset is where enforcement begins another counter, for 1000 zones and dates', async () => {
  const zones = Intl.supportedValuesOf('timeZone')
  await fc.assert(
    fc.asyncProperty(
      ...[fc.constantFrom(...zones), fc.constantFrom(...CALENDAR_UNITS)],
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2037, 11) }),
      async (zone, unit, nowMs) => {
        const window = { kind: 'calendar', unit, zone } as const
        const scope = { kind: 'user', id: 'alice' } as const
        const limit: Limit = { id: 'l', tenantId: T, scope, metric: 'tokens', window, amount: 1n, mode: 'hard' }
        const counters = { counter: async () => ({ settled: 0n, held: 0n }) }
        const { resetsAt } = await limitReport(counters, limit, nowMs)
        const resetMs = Date.parse(resetsAt!)
        const counterAt = (atMs: number) => counterId(counterOf({ ...limit, window: { ...window } }, atMs))
        expect(resetMs).toBeGreaterThan(nowMs)
        expect(counterAt(resetMs - 1)).toBe(counterAt(nowMs))
        expect(counterAt(resetMs)).not.toBe(counterAt(nowMs))
        expect(rangeAt({ ...window }, resetMs).startMs).toBe(resetMs)
      },
    ),
    { numRuns: 1000 },
  )
})
