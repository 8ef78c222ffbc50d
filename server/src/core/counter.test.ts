import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { counterId, type CounterKey, counterOf, parseCounterId } from './counter.ts'
import { type Limit, METRICS, SCOPES } from './limit.ts'
import { CALENDAR_UNITS, FOREVER_MS, rangeAt } from './window.ts'

/** Ids as hostile as they may be: accounts and deployments let only well-formed Unicode in. */
const id = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '/', '%2F', 'a/b', '..', '__proto__', 'user/a', '%', '\0', ' ', '👩‍💻', '‮abc', "' OR 1=1--", '{}'),
)
const key: fc.Arbitrary<CounterKey> = fc.record({
  tenantId: id,
  scopeKind: fc.constantFrom(...SCOPES),
  scopeId: id,
  metric: fc.constantFrom(...METRICS),
  window: fc.constantFrom('lifetime', 'calendar', 'minute'),
  startMs: fc.integer({ min: -62_135_596_800_000, max: FOREVER_MS }),
  endMs: fc.integer({ min: 0, max: FOREVER_MS }),
})

test('a counter’s id reads back as its key, whatever the ids in it', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(parseCounterId(counterId(one))).toEqual(one)
    }),
    { numRuns: 2000 },
  )
})

test('two counters have the same id only if they are the same', () => {
  const parts = fc.constantFrom('a', 'a/b', 'b', '/', '', 'a%2Fb', 'user')
  const close = fc.record({ tenantId: parts, scopeId: parts, scopeKind: fc.constantFrom(...SCOPES) })
  fc.assert(
    fc.property(key, close, close, (base, a, b) => {
      const same = a.tenantId === b.tenantId && a.scopeId === b.scopeId && a.scopeKind === b.scopeKind
      expect(counterId({ ...base, ...a }) === counterId({ ...base, ...b })).toBe(same)
    }),
    { numRuns: 2000 },
  )
})

test('an edited limit reads the counter that it read before: amount and mode are no part of it', () => {
  const window: fc.Arbitrary<Limit['window']> = fc.oneof(
    fc.constantFrom({ kind: 'lifetime' } as const, { kind: 'minute' } as const),
    fc.record({
      kind: fc.constant('calendar' as const),
      unit: fc.constantFrom(...CALENDAR_UNITS),
      zone: fc.constantFrom('UTC', 'Asia/Kathmandu'),
    }),
  )
  fc.assert(
    fc.property(window, fc.constantFrom(...SCOPES), fc.integer({ min: 0, max: 2e12 }), (of, kind, atMs) => {
      const limit: Limit = {
        id: 'one',
        tenantId: 't',
        scope: { kind, id: 's' },
        metric: 'tokens',
        window: of,
        amount: 5n,
        mode: 'hard',
      }
      const edited: Limit = { ...limit, id: 'two', window: { ...of }, amount: null, mode: 'shadow' }
      expect(counterOf(edited, atMs)).toEqual(counterOf(limit, atMs))
      expect(counterOf(limit, atMs)).toMatchObject(rangeAt(of, atMs))
    }),
  )
})
