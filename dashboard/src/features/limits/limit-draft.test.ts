import { expect, test } from 'vitest'
import { draftOf, fieldsOf } from './limit-draft.ts'

const NEW = fieldsOf(null, 'Europe/Amsterdam')

test('a form says what is wrong with which field, and is a limit once nothing is', () => {
  expect(Object.keys(draftOf(NEW).faults).toSorted()).toEqual(['amount', 'scopeId'])
  expect(draftOf({ ...NEW, scopeKind: 'label', scopeId: 'search', amount: '5' }).faults).toHaveProperty('scopeId')
  expect(draftOf({ ...NEW, scopeId: 'ada', amount: '5', zone: 'Mars/Olympus' }).faults).toHaveProperty('zone')
  expect(draftOf({ ...NEW, scopeId: ' ada ', amount: '1.5M' }).draft).toEqual({
    scope: { kind: 'user', id: 'ada' },
    metric: 'tokens',
    window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
    amount: 1_500_000,
    mode: 'hard',
    thresholds: [80, 95, 100],
  })
})

test('dollars become nano-USD without a float, and come back as they were', () => {
  const { draft } = draftOf({
    ...NEW,
    scopeKind: 'tenant',
    metric: 'costNanoUsd',
    amount: '$0.000000003',
    window: 'minute',
  })
  expect(draft).toMatchObject({ amount: 3, scope: { kind: 'tenant', id: 'default' }, window: { kind: 'minute' } })
  const limit = { ...draft, limitId: 'l', settled: 0, held: 0, resetsAt: null, amount: '12345678901234567890' }
  expect(fieldsOf(limit as never, 'UTC').amount).toBe('12,345,678,901.23456789')
})
