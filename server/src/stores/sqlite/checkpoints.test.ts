import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ingestOf } from '../conformance/fixtures.ts'
import { openSqlite, type SqliteStores } from './open.ts'

const MIB = 2 ** 20

let folder: string
let path: string
let stores: SqliteStores
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-checkpoints-'))
  path = join(folder, 'ledger.db')
  stores = openSqlite(path)
})
afterEach(async () => {
  await stores.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Each entry changes a dozen pages at least: 50 KiB of the log. */
async function commit(first: number, count: number): Promise<void> {
  for (let at = first; at < first + count; at++) {
    await stores.ledger.commit('writer-1', [ingestOf({ id: `entry-${at}` }, undefined)])
    // As between calls: messages of other threads are read.
    await new Promise(setImmediate)
  }
}

test('the log is copied into the file while commits go on, and begins anew instead of growing with them', async () => {
  await commit(0, 1_500)
  await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(MIB / 2))
  expect(statSync(`${path}-wal`).size).toBeLessThan(24 * MIB)
})

test('a store that is closed while it checkpoints has everything in its file', async () => {
  await commit(0, 64)
  await stores.close()
  expect(() => statSync(`${path}-wal`)).toThrow('ENOENT')
  stores = openSqlite(path)
  expect(await stores.ledger.entry('entry-63')).toMatchObject({ seq: 64 })
})
