import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { aHold, aLimit, counterAt, NOON_MS, reserveOf } from '../conformance/fixtures.ts'
import { openSqlite, type SqliteStores } from './open.ts'

let folder: string
let path: string
let stores: SqliteStores
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-transaction-'))
  path = join(folder, 'ledger.db')
  stores = openSqlite(path)
})
afterEach(async () => {
  await stores.close()
  rmSync(folder, { recursive: true, force: true })
})

const plan = (id: string) => reserveOf(aHold({ id }), [aLimit()])
const held = async () => (await stores.ledger.counter(counterAt(aLimit()), NOON_MS)).held

test('while another process writes, a commit waits its turn and the event loop goes on', async () => {
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  let isCommitted = false
  const commit = stores.ledger.commit('writer-1', [plan('one')]).then(() => (isCommitted = true))
  // Reads and timers are served meanwhile: the wait is outside SQLite.
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(await held()).toBe(0n)
  }
  expect(isCommitted).toBe(false)
  other.exec('COMMIT')
  other.close()
  await commit
  expect(await held()).toBe(100n)
})

test('an error of SQLite itself rejects the whole batch, keeps its cause, and the connection goes on', async () => {
  const beyond = plan('beyond')
  const adds = [{ ...beyond.adds[0]!, held: 2n ** 63n, ceiling: null }]
  const error = await stores.ledger
    .commit('writer-1', [plan('one'), { ...beyond, adds }])
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StoreUnavailable)
  expect((error as StoreUnavailable).cause).toBeInstanceOf(Error)
  expect(await held()).toBe(0n)
  expect(await stores.ledger.hold('one')).toBeUndefined()
  expect(await stores.ledger.commit('writer-1', [plan('one')])).toEqual([{ kind: 'committed', seq: null }])
})

test('a closed store refuses every question, and closing twice is closing once', async () => {
  await Promise.all([stores.close(), stores.ledger.close()])
  await expect(stores.ledger.commit('writer-1', [plan('one')])).rejects.toThrow(StoreUnavailable)
  await expect(stores.ledger.hold('one')).rejects.toThrow(StoreUnavailable)
  await expect(stores.accounts.identity('hash')).rejects.toThrow(StoreUnavailable)
  await expect(stores.reports.users('acme', { limit: 1 })).rejects.toThrow(StoreUnavailable)
})
