import { fstatSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aHold, ingestOf, reserveOf } from '../conformance/fixtures.ts'
import { openSqlite, type SqliteStores } from './open.ts'

let folder: string
let path: string
let stores: SqliteStores
/** Flushes that the disk has not answered yet. */
let asked: { readonly file: number; readonly done: (error: Error | null) => void }[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-flushes-'))
  path = join(folder, 'ledger.db')
  asked = []
  stores = openSqlite(path, { datasync: (file, done) => void asked.push({ file, done }) })
})
afterEach(async () => {
  const closed = stores.close()
  await answered()
  await closed
  rmSync(folder, { recursive: true, force: true })
})

const turn = () => new Promise(setImmediate)
async function answered(): Promise<void> {
  for (await turn(); asked.length > 0; await turn()) asked.shift()!.done(null)
}
/** What came of a promise by now. */
function watched(promise: Promise<unknown>) {
  const seen = { isAnswered: false }
  void promise.then(() => (seen.isAnswered = true))
  return seen
}
const open = (id: string) => stores.ledger.commit('writer-1', [reserveOf(aHold({ id }), [])])

test('nobody is answered before the log is flushed, though the event loop has gone on', async () => {
  const commit = watched(open('one'))
  await turn()
  expect(await stores.ledger.hold('one')).toBeDefined()
  expect(commit.isAnswered).toBe(false)
  expect(fstatSync(asked[0]!.file).ino).toBe(statSync(`${path}-wal`).ino)
  asked.shift()!.done(null)
  await turn()
  expect(commit.isAnswered).toBe(true)
})

test('who commits while a flush is under way waits for one that began afterwards, together with others', async () => {
  const first = watched(open('one'))
  await turn()
  const later = [watched(open('two')), watched(stores.ledger.renewLease('writer-1', 1_000)), watched(open('three'))]
  await turn()
  expect(asked).toHaveLength(1)
  asked.shift()!.done(null)
  await turn()
  expect(first.isAnswered).toBe(true)
  expect(later.map(({ isAnswered }) => isAnswered)).toEqual([false, false, false])
  expect(asked).toHaveLength(1)
  asked.shift()!.done(null)
  await turn()
  expect(later.map(({ isAnswered }) => isAnswered)).toEqual([true, true, true])
  expect(asked).toHaveLength(0)
})

test('what another process has written and not yet flushed is told to nobody as booked', async () => {
  const event = () => ingestOf({ id: 'entry-1' }, { source: 'app', id: 'told-1', digest: 'same' })
  const other = openSqlite(path)
  await other.ledger.commit('writer-2', [event()])
  const again = watched(stores.ledger.commit('writer-1', [event()]))
  await turn()
  expect(again.isAnswered).toBe(false)
  await answered()
  expect(again.isAnswered).toBe(true)
  await other.close()
})

test('a flush that fails is thrown where nobody catches it, and never tried again', async () => {
  const commit = watched(open('one'))
  await turn()
  expect(() => asked.shift()!.done(new Error('EIO: i/o error, fdatasync'))).toThrow(
    /^The disk did not take what the ledger wrote.*EIO/,
  )
  const next = watched(open('two'))
  await turn()
  expect([commit.isAnswered, next.isAnswered, asked.length]).toEqual([false, false, 0])
  // Such a process has ended by now.
  stores = openSqlite(join(folder, 'another.db'))
})
