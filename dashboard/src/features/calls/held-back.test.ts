import { expect, test } from 'vitest'
import type { EntryRow } from '../../lib/contract.ts'
import { heldBack, reuse } from './held-back.ts'

const row = (id: string) => ({ id }) as EntryRow
const ids = (rows: readonly EntryRow[]) => rows.map(({ id }) => id).join('')

test('rows do not move under a reader: what is newer waits, and is counted', () => {
  const seen = ['c', 'b', 'a'].map(row)
  const held = heldBack(['e', 'd', 'c', 'b'].map(row), seen)
  expect(ids(held.rows)).toBe('cba')
  expect(held.waiting).toBe(2)
  expect(heldBack(seen, seen).waiting).toBe(0)
})

test('where nothing that is seen is among the newest, all of them wait', () => {
  expect(heldBack(['e', 'd'].map(row), ['a'].map(row))).toMatchObject({ waiting: 2 })
})

test('an empty list holds nothing back', () => {
  expect(ids(heldBack(['a'].map(row), []).rows)).toBe('a')
})

test('a row that is known stays the same object', () => {
  const known = ['b', 'a'].map(row)
  const page = reuse(known, { entries: ['c', 'b', 'a'].map(row), nextCursor: null })
  expect(ids(page.entries)).toBe('cba')
  expect(page.entries[1]).toBe(known[0])
})
