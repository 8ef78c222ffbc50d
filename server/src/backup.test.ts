import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { type Application, start } from './application.ts'
import { backup } from './backup.ts'
import { readEnvironment } from './config/env.ts'
import { ledgerFile } from './ledger-file.ts'
import { restore } from './restore.ts'
import { verifyLedger } from './verify-ledger.ts'

const SECRET = '3f9a1c7be2d84056a1b2c3d4e5f60718'
const folders: string[] = []
const running: Application[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((application) => application.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An installation with a server at work and one call in its ledger. */
async function installation(secret = SECRET) {
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-backup-'))
  folders.push(folder)
  const configuration = readEnvironment({
    ...{ TOKEN_TRACKR_DATA: folder, TOKEN_TRACKR_CONFIG: folder, PORT: '0', LOG_LEVEL: 'silent' },
    ...{ APP_SECRET_KEY: secret, TOKEN_TRACKR_LEASE_MS: '1000', TOKEN_TRACKR_STOP_MS: '1000' },
  })
  const application = await start(configuration)
  running.push(application)
  const key = application.first!.key
  const call = async () => {
    const body = JSON.stringify({ model: 'sim-small', messages: [{ role: 'user', content: 'Hello!' }] })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    expect((await fetch(`${application.url}/v1/chat/completions`, { method: 'POST', headers, body })).status).toBe(200)
  }
  await call()
  return { folder, configuration, application, call, file: join(folder, 'copy.db') }
}

/** Stopped, and so long ago that its lease has run out. */
async function stopped({ application, configuration }: Awaited<ReturnType<typeof installation>>) {
  await application.close()
  const database = new DatabaseSync(ledgerFile(configuration.database, 'backup'))
  database.exec('UPDATE writers SET lease_until_ms = 0')
  database.close()
}

const entriesIn = (file: string) => {
  const database = new DatabaseSync(file, { readOnly: true })
  const { entries } = database.prepare('SELECT count(*) AS entries FROM entries').get() as { entries: number }
  database.close()
  return entries
}

describe('a backup', () => {
  test('beside a server at work is the ledger of one instant, proven, for its owner alone, and without the secret', async () => {
    const { configuration, file, folder, call } = await installation()
    const calls = Promise.all([call(), call(), call()])
    const made = await backup(configuration, file)
    await calls
    expect(made).toMatchObject({ file, bytes: statSync(file).size, secret: 'APP_SECRET_KEY' })
    expect(made.checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(entriesIn(file)).toBeGreaterThanOrEqual(1)
    expect(readFileSync(file).includes(SECRET)).toBe(false)
    // Nothing is left beside it.
    expect(readdirSync(folder).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db'])
  })

  test('replaces nothing, and of what is not sound there is none', async () => {
    const { configuration, file, application } = await installation()
    writeFileSync(file, 'mine')
    await expect(backup(configuration, file)).rejects.toThrow('is there already')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    await application.close()
    const database = new DatabaseSync(ledgerFile(configuration.database, 'backup'))
    database.exec('UPDATE counters SET settled = settled + 1')
    database.close()
    await expect(backup(configuration, `${file}2`)).rejects.toThrow('counters equal entries and holds does not hold')
    expect(readdirSync(configuration.dataFolder).filter((name) => name.startsWith('copy.db2'))).toEqual([])
    const elsewhere = { ...configuration, database: { engine: 'sqlite', file: `${file}.none` } } as const
    await expect(backup(elsewhere, `${file}3`)).rejects.toThrow('is not there')
    expect(existsSync(`${file}.none`) || existsSync(`${file}3`)).toBe(false)
  })
})

describe('a restore', () => {
  test('gives back the ledger as it was, and keeps what was there aside', async () => {
    const one = await installation()
    await backup(one.configuration, one.file)
    await one.call()
    await stopped(one)
    await expect(restore(one.configuration, one.file, { force: false })).rejects.toThrow(
      'has 1 entries that the backup lacks',
    )
    const { keptAside } = await restore(one.configuration, one.file, { force: true })
    expect(entriesIn(ledgerFile(one.configuration.database, 'backup'))).toBe(1)
    expect(entriesIn(keptAside!)).toBe(2)
    expect(statSync(ledgerFile(one.configuration.database, 'backup')).mode & 0o777).toBe(0o600)
    // Holds that were open when the backup was made belong to nobody now; a server would end them at its start.
    const again = await start(one.configuration)
    running.push(again)
    expect((await verifyLedger(one.configuration)).checks.filter(({ ok }) => !ok)).toEqual([])
  })

  test('into an empty place needs no force', async () => {
    const one = await installation()
    await backup(one.configuration, one.file)
    const database = { engine: 'sqlite', file: join(one.folder, 'new.db') } as const
    expect(await restore({ ...one.configuration, database }, one.file, { force: false })).toMatchObject({
      file: database.file,
      keptAside: null,
    })
    expect(entriesIn(database.file)).toBe(1)
  })

  test('does not take a ledger away from a server at work', async () => {
    const one = await installation()
    await backup(one.configuration, one.file)
    await expect(restore(one.configuration, one.file, { force: false })).rejects.toThrow(
      /is in use, or was a moment ago: stop its server, and wait 1 s/,
    )
    expect(readdirSync(one.folder).filter((name) => /restor/.test(name))).toEqual([])
  })

  test('of a file that is damaged, foreign, or under another secret changes nothing', async () => {
    const [one, other] = [await installation(), await installation('0718f60718e5d4c3b2a15640d8e2b7c1')]
    await backup(one.configuration, one.file)
    await backup(other.configuration, other.file)
    await stopped(one)
    const damaged = join(one.folder, 'damaged.db')
    const bytes = readFileSync(one.file)
    writeFileSync(damaged, bytes.fill(0x55, 4096 * 3, 4096 * 4))
    chmodSync(damaged, 0o644)
    const junk = join(one.folder, 'junk')
    writeFileSync(junk, 'not a database at all, and long enough to be looked at'.repeat(100))
    for (const from of [
      damaged,
      junk,
      other.file,
      join(one.folder, 'none'),
      ledgerFile(one.configuration.database, 'backup'),
    ])
      await expect(restore(one.configuration, from, { force: true })).rejects.toThrow(/^[^\n]+$/)
    await expect(restore(one.configuration, other.file, { force: true })).rejects.toThrow('under another secret')
    const withoutSecret = { ...one.configuration, appSecretKey: undefined }
    await expect(restore(withoutSecret, one.file, { force: true })).rejects.toThrow('put it back first')
    expect(entriesIn(ledgerFile(one.configuration.database, 'backup'))).toBe(1)
    expect(readdirSync(one.folder).filter((name) => /restor/.test(name))).toEqual([])
  })
})

test('a ledger in PostgreSQL is in no file of ours: both say with what it is done instead', async () => {
  const configuration = readEnvironment({ DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x', APP_SECRET_KEY: SECRET })
  await expect(backup(configuration, '/tmp/none')).rejects.toThrow(/^backup .* pg_dump [^\n]*\.$/)
  await expect(restore(configuration, '/tmp/none', { force: true })).rejects.toThrow(/^restore .* pg_restore [^\n]*\.$/)
})
