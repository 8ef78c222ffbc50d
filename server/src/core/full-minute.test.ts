import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { counterId } from './counter.ts'
import { CLOCKS_AGREE_MS, fullMinuteOf, type Missed, minutesOf, refusalBy } from './full-minute.ts'
import { EMPTY_MINUTE, minuteAfter, minuteFreesAtMs, type MinuteRow, minuteValue } from './minute.ts'
import type { CounterAdd, Plan } from './plan.ts'

const MINUTE = counterId({
  ...{ tenantId: 'acme', scopeKind: 'user', scopeId: 'ann', metric: 'tokens', window: 'minute' },
  ...{ startMs: 0, endMs: 0 },
})
const add = (over: Partial<CounterAdd> = {}): CounterAdd => ({
  ...{ counterId: MINUTE, settled: 0n, held: 10n, ceiling: 100n, countedAtMs: 0 },
  ...over,
})
const plan = (adds: readonly CounterAdd[], expectTenantVersion: number | undefined = 3): Plan => ({
  tenantId: 'acme',
  ...(expectTenantVersion !== undefined && { expectTenantVersion }),
  ...{ adds, rollups: [] },
})
const missed = (settled: bigint, held: bigint, freesAtMs: number | null = 65_000): Missed => ({
  ...{ kind: 'missed', counterId: MINUTE, value: { settled, held }, freesAtMs },
})

/** What moves a minute, in order: a hold, its end with what was used of it, or what was ingested. */
const move = fc.record({
  gapMs: fc.oneof(fc.nat(300), fc.nat(9_000), fc.constantFrom(0, 4_999, 5_000, 60_000)),
  amount: fc.nat(50),
  kind: fc.constantFrom('hold', 'settle', 'void', 'ingest'),
})

/** The clock of whoever asks differs from the store's by so much. */
const skew = fc.integer({ min: -CLOCKS_AGREE_MS, max: CLOCKS_AGREE_MS })

test('whatever ends or comes after a refusal, nothing is refused by it that the minute would take', () => {
  let refusals = 0
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.array(move, { maxLength: 60 }),
      fc.nat(60),
      fc.bigInt(1n, 200n),
      skew,
      (...given) => {
        const [startMs, moves, refusedAt, ceiling, skewMs] = given
        let row: MinuteRow = EMPTY_MINUTE
        let nowMs = startMs
        const open: { atMs: number; amount: bigint }[] = []
        let known: ReturnType<typeof fullMinuteOf>
        for (const [index, { gapMs, amount, kind }] of moves.entries()) {
          nowMs += gapMs
          const held = BigInt(amount)
          if (kind === 'hold') {
            row = minuteAfter(row, nowMs, nowMs, { settled: 0n, held })
            open.push({ atMs: nowMs, amount: held })
          } else if (kind === 'ingest') row = minuteAfter(row, nowMs, nowMs, { settled: held, held: 0n })
          else {
            const one = open.shift()
            const used = kind === 'void' ? 0n : held
            if (one) row = minuteAfter(row, one.atMs, nowMs, { settled: used, held: -one.amount })
          }
          const value = minuteValue(row, nowMs)
          if (index === refusedAt % moves.length)
            known = fullMinuteOf(plan([]), { ...missed(0n, 0n), value, freesAtMs: minuteFreesAtMs(row, nowMs) ?? null })
          const wish = add({ held, ceiling, countedAtMs: nowMs })
          const refusal = known && refusalBy(known, wish, plan([wish]), nowMs + skewMs)
          if (!refusal) continue
          refusals += 1
          expect(value.settled + value.held + held > ceiling).toBe(true)
          expect(refusal.value.settled <= value.settled).toBe(true)
        }
      },
    ),
    { numRuns: 2_000 },
  )
  expect(refusals).toBeGreaterThan(500)
})

test('what is only held refuses nothing, and what is settled refuses what goes beyond it', () => {
  const full = fullMinuteOf(plan([]), missed(95n, 5n))!
  expect(refusalBy(full, add({ held: 5n }), plan([]), 0)).toBeUndefined()
  expect(refusalBy(full, add({ held: 6n }), plan([]), 0)).toEqual(missed(95n, 0n))
  expect(fullMinuteOf(plan([]), missed(0n, 100n))).toBeUndefined()
})

test('under other limits, without a ceiling, for another counter or near its end, the store is asked', () => {
  const full = fullMinuteOf(plan([]), missed(100n, 0n))!
  expect(refusalBy(full, add(), plan([]), 62_999)).toEqual(missed(100n, 0n))
  expect(refusalBy(full, add(), plan([]), 63_000)).toBeUndefined()
  expect(refusalBy(full, add(), plan([], 4), 0)).toBeUndefined()
  expect(refusalBy(full, add({ ceiling: null }), plan([]), 0)).toBeUndefined()
  expect(refusalBy(full, add({ counterId: `${MINUTE}0` }), plan([]), 0)).toBeUndefined()
  expect(fullMinuteOf(plan([]), missed(100n, 0n, null))).toBeUndefined()
})

test('only what a plan adds to minutes below a ceiling can be known', () => {
  const lifetime = MINUTE.replace('minute', 'lifetime')
  const adds = [add(), add({ ceiling: null }), add({ counterId: lifetime })]
  expect(minutesOf(plan(adds))).toEqual([adds[0]])
  expect(minutesOf({ ...plan(adds), expectTenantVersion: undefined } as unknown as Plan)).toEqual([])
  expect(fullMinuteOf(plan(adds), { ...missed(100n, 0n), counterId: lifetime })).toBeUndefined()
})
