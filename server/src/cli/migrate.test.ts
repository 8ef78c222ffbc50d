import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../config/database.ts'
import { migrateDatabase } from '../migrate-database.ts'
import { MISSING, newDatabase } from '../stores/postgres/place.ts'
import { commandLine, NOWHERE } from './cli.test.fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tt-migrate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sqlite = async () => ({
  database: { engine: 'sqlite', file: join(folder, 'ledger.db') } as Database,
  remove: async () => {},
})
/** Not even the database is there. */
const postgres = async () => {
  const { url, drop } = await newDatabase()
  await drop()
  return { database: { engine: 'postgres', url } as Database, remove: drop }
}

test.each([
  ['SQLite', sqlite, undefined],
  ['PostgreSQL', postgres, MISSING],
])(
  '%s: the schema is made, told, taken back and brought up again, and the status is in the exit code',
  async (_, make, missing) => {
    if (missing !== undefined) return
    const { database, remove } = await make()
    const tt = commandLine({ configuration: NOWHERE, migrate: (change) => migrateDatabase(database, change) })
    expect((await tt('db', 'init')).out).toMatch(/ has schema \d+, the latest\.$/m)
    expect((await tt('migrate', 'status')).exitCode).toBe(0)
    expect((await tt('migrate', 'down')).exitCode).toBe(2)
    const down = await tt('migrate', 'down', '--force')
    expect([down.exitCode, down.out]).toEqual([0, expect.stringMatching(/has schema (\d+); the latest is /)])
    expect((await tt('migrate', 'status')).exitCode).toBe(1)
    expect((await tt('migrate', 'up')).out).toContain('the latest')
    expect((await tt('db', 'init')).exitCode).toBe(0)
    await remove()
  },
)
