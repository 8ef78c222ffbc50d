import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { BUCKETS } from '../../core/usage.ts'
import { FOREVER_MS } from '../../core/window.ts'
import type { Entry } from '../../core/entry.ts'
import { dump } from '../conformance/dump.ts'
import { ingestOf } from '../conformance/fixtures.ts'
import { STEPS, STORY_MS } from '../conformance/story.ts'
import { LATEST_VERSION, migrate } from './migrations.ts'
import { openSqlite, type SqliteStores } from './open.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-trackr-migrations-'))
  path = join(folder, 'ledger.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The schema as SQLite has it, and the version that the file says it is. */
function schemaOf(database: DatabaseSync) {
  const tables = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
  return { tables, version: database.prepare('PRAGMA user_version').get() }
}

/** Steps that change no table: 0007-qualities. */
const ROWS_ALONE = 1

test('each step down undoes its step up, and nothing else', () => {
  const database = new DatabaseSync(path)
  const schemas = [schemaOf(database)]
  for (let version = 1; version <= LATEST_VERSION; version++) {
    migrate(database, version)
    schemas.push(schemaOf(database))
  }
  expect(new Set(schemas.map((schema) => JSON.stringify(schema.tables))).size).toBe(LATEST_VERSION + 1 - ROWS_ALONE)
  for (let version = LATEST_VERSION - 1; version >= 0; version--) {
    migrate(database, version)
    expect(schemaOf(database)).toEqual(schemas[version])
  }
  migrate(database)
  expect(schemaOf(database)).toEqual(schemas[LATEST_VERSION])
  database.close()
})

test('F21: kill -9 inside any step, up or down, leaves whole steps, and the next start goes on', () => {
  const whole = Array.from({ length: LATEST_VERSION + 1 }, (_, version) => version).map((version) => {
    const database = new DatabaseSync(':memory:')
    migrate(database, version)
    const { tables } = schemaOf(database)
    database.close()
    return tables
  })
  expect(whole).toHaveLength(LATEST_VERSION + 1)
  const database = new DatabaseSync(path)
  for (const [from, to] of [
    [0, LATEST_VERSION],
    [LATEST_VERSION, 0],
  ] as const)
    for (let crashAt = 1; crashAt <= 2 * LATEST_VERSION; crashAt++) {
      migrate(database, from)
      expect(migrateElsewhere(to, crashAt)).toBe('SIGKILL')
      const { tables, version } = schemaOf(database)
      expect(tables).toEqual(whole[(version as { user_version: number }).user_version])
      migrate(database, to)
      expect(schemaOf(database).tables).toEqual(whole[to])
    }
  database.close()
}, 120_000)

/** Migrates in another process that dies at its n-th point. */
function migrateElsewhere(version: number, crashAt: number): NodeJS.Signals | null {
  const script = `
    import { DatabaseSync } from 'node:sqlite'
    import { migrate } from ${JSON.stringify(new URL('./migrations.ts', import.meta.url).href)}
    let points = 0
    migrate(new DatabaseSync(${JSON.stringify(path)}), ${version}, () => {
      if (++points === ${crashAt}) process.kill(process.pid, 'SIGKILL')
    })`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal
}

test('an older file keeps its content when it is brought up to date, and what is new is derived from it', async () => {
  const before = openSqlite(path, { nowMs: () => STORY_MS })
  for (const step of STEPS) await step(before)
  const expected = await dump(before, ['acme'])
  await before.close()
  for (let version = LATEST_VERSION - 1; version >= 3; version--) {
    const database = new DatabaseSync(path)
    migrate(database, version)
    database.close()
    const after = openSqlite(path, { nowMs: () => STORY_MS })
    const { tenants, ...ledger } = await dump(after, ['acme'])
    expect(ledger).toEqual({ ...expected, tenants: undefined })
    expect(tenants[0]!.users).toEqual(expected.tenants[0]!.users)
    expect(await everUsed(after)).toBe(160n)
    expect(await after.reports.integrity()).toEqual([])
    await after.close()
  }
})

test('the cube of accounts, made anew out of the entries, is the one that their commits folded, whatever the entries', async () => {
  const stores = openSqlite(path, { nowMs: () => STORY_MS })
  const kinds: readonly Partial<Entry>[] = [
    {},
    { costNanoUsd: null, priceVersion: null, usage: { buckets: { inAudio: 7, outReasoning: 3 } } },
    { outcome: 'voided', ending: 'voided', evidence: 'unknown', usage: { buckets: {} } },
    { outcome: 'cut', evidence: 'bounded', usage: { buckets: { outText: 0 } }, durationMs: 15 },
    { occurredAtMs: -1 },
    { occurredAtMs: 900_000 * 5 - 1 },
  ]
  for (const [kind, over] of kinds.entries())
    for (const userId of ['ann', 'bob'])
      await stores.ledger.commit('writer', [ingestOf({ ...over, userId, id: `${kind} ${userId}` }, undefined)])
  const { rollups } = await dump(stores, ['acme'])
  const used = await everUsed(stores)
  await stores.close()
  const database = new DatabaseSync(path)
  migrate(database, 6)
  migrate(database)
  database.close()
  const after = openSqlite(path, { nowMs: () => STORY_MS })
  expect((await dump(after, ['acme'])).rollups).toEqual(rollups)
  expect(await everUsed(after)).toBe(used)
  expect(await after.reports.integrity()).toEqual([])
  await after.close()
})

test('what was ever used is said to be wrong where it is not the sum of its hours', async () => {
  const stores = openSqlite(path, { nowMs: () => STORY_MS })
  for (const step of STEPS) await step(stores)
  for (const grain of ['ever', 'hour'])
    for (const change of ['requests = requests + 1', `model = 'another'`]) {
      alter((database) => database.exec(`UPDATE rollups SET ${change} WHERE grain = '${grain}' AND user_id = 'ann'`))
      const [first] = await stores.reports.integrity()
      expect(first, `${grain}: ${change}`).toMatch(/user ann has ever used/)
      const undo = change.startsWith('model') ? `model = 'sim-small'` : 'requests = requests - 1'
      alter((database) => database.exec(`UPDATE rollups SET ${undo} WHERE grain = '${grain}' AND user_id = 'ann'`))
    }
  for (const [cube, grain, of] of [
    ['user', 'day', /^what user ann used in the day/],
    ['user', 'week', /^what user ann used in the week/],
    ['account', 'day', /^what user ann used in the day/],
    ['quality', 'day', /^what all calls used in the day/],
  ] as const) {
    const change = (sums: string) =>
      alter((database) =>
        database.exec(
          `UPDATE rollups SET ${sums} WHERE grain = '${grain}' AND cube = '${cube}' AND user_id IN ('', 'ann')`,
        ),
      )
    change('requests = requests + 1')
    const [first] = await stores.reports.integrity()
    expect(first, `${grain} of ${cube}`).toMatch(of)
    change('requests = requests - 1')
  }
  expect(await stores.reports.integrity()).toEqual([])
  alter((database) => database.exec(`DELETE FROM rollups WHERE grain = 'hour' AND user_id = 'ann'`))
  alter((database) => database.exec(`DELETE FROM rollups WHERE grain = 'ever' AND user_id = 'bob'`))
  const ever = (await stores.reports.integrity()).filter((line) => line.includes('ever used'))
  expect(ever).toHaveLength(2)
  await stores.close()
})

async function everUsed({ reports }: SqliteStores): Promise<bigint> {
  const range = { startMs: 0, endMs: FOREVER_MS }
  const [all] = await reports.sums({ tenantId: 'acme', cube: 'account', grain: 'hour', range, by: [], byTime: false })
  return BUCKETS.reduce((sum, bucket) => sum + all!.sums[bucket], 0n)
}

test('content survives a new start, and two starts at once', async () => {
  const first = openSqlite(path)
  expect(await first.accounts.keepSetting('name', 'value')).toBe('value')
  const second = openSqlite(path)
  expect(await second.accounts.setting('name')).toBe('value')
  await Promise.all([first.close(), second.close()])
  const third = openSqlite(path)
  expect(await third.accounts.setting('name')).toBe('value')
  await third.close()
})

test('the file and what belongs to it are for their owner alone', async () => {
  writeFileSync(path, '', { mode: 0o644 })
  const stores = openSqlite(path)
  for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600)
  await stores.close()
})

test('F06: a file that cannot be used stops the start with one line that says why', () => {
  const refusals: readonly (readonly [string, () => void, RegExp])[] = [
    ['newer', () => alter((database) => database.exec('PRAGMA user_version = 99')), /a newer Token Trackr made it/],
    ['foreign', () => foreign(), /a database of another application/],
    [
      'text',
      () => writeFileSync(path, 'not a database, but long enough to have a header of its own\n'.repeat(9)),
      /not a database/,
    ],
    ['read-only', () => alter(() => chmodSync(path, 0o444)), /not writable/],
    ['folder', () => mkdirSync(path), /no file that can be opened/],
  ]
  for (const [name, make, reason] of refusals) {
    rmSync(path, { recursive: true, force: true })
    make()
    const before = statSync(path).mode
    const open = () => openSqlite(path)
    expect(open, name).toThrow(StoreUnavailable)
    expect(open, name).toThrow(reason)
    expect(open, name).toThrow(/^Cannot open the database [^\n]*$/)
    expect(statSync(path).mode, name).toBe(before)
  }
})

function alter(change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path)
  migrate(database)
  change(database)
  database.close()
}

function foreign(): void {
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE theirs (a)')
  database.close()
}
