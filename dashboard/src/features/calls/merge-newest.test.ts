import { expect, test } from 'vitest'
import type { EntryRow } from '../../lib/contract.ts'
import { appendOlder, heldBack, mergeNewest, NO_CALLS } from './merge-newest.ts'

/** The call of second n; its id sorts as its time does. */
const call = (second: number) =>
  ({ id: `id-${String(second).padStart(3, '0')}`, occurredAt: new Date(second * 1000).toISOString() }) as EntryRow
const calls = (...seconds: number[]) => seconds.map(call)
const seconds = (rows: readonly EntryRow[]) => rows.map(({ id }) => Number(id.slice(3)))

const known = appendOlder(mergeNewest(NO_CALLS, { entries: calls(5, 4, 3), nextCursor: 'c3' }), {
  entries: calls(2, 1),
  nextCursor: 'c1',
})

test('new calls come on top, loaded older ones stay below, and the rows that are there keep their identity', () => {
  const merged = mergeNewest(known, { entries: calls(6, 5, 4), nextCursor: 'c4' })
  expect(seconds(merged.rows)).toEqual([6, 5, 4, 3, 2, 1])
  expect(merged.nextCursor).toBe('c1')
  expect(merged.rows[1]).toBe(known.rows[0])
})

test('a call that ended late takes its place in the middle', () => {
  const late = mergeNewest(known, {
    entries: [call(5), call(4), { ...call(4), id: 'id-0035' }, call(3)],
    nextCursor: 'c',
  })
  expect(late.rows.map(({ id }) => id).slice(0, 4)).toEqual(['id-005', 'id-004', 'id-0035', 'id-003'])
})

test('where the newest page no longer meets what is known, nothing is shown with a hole in it', () => {
  const jumped = mergeNewest(known, { entries: calls(99, 98, 97), nextCursor: 'c97' })
  expect(seconds(jumped.rows)).toEqual([99, 98, 97])
  expect(jumped.nextCursor).toBe('c97')
})

test('a page that is all there is, is all that is shown', () => {
  expect(mergeNewest(known, { entries: calls(7), nextCursor: null })).toEqual({ rows: calls(7), nextCursor: null })
  expect(mergeNewest(known, { entries: [], nextCursor: null })).toEqual(NO_CALLS)
})

test('held back, the seen rows stay, newer ones wait and are counted, older ones still come', () => {
  const newer = mergeNewest(known, { entries: calls(8, 7, 6, 5, 4, 3), nextCursor: 'c3' })
  const older = appendOlder(newer, { entries: calls(0), nextCursor: null })
  const { rows, waiting } = heldBack(older, known.rows)
  expect(seconds(rows)).toEqual([5, 4, 3, 2, 1, 0])
  expect(waiting).toBe(3)
})
