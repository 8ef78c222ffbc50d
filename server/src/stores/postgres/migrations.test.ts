import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runSql } from '../../../../scripts/engines/postgres.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import { ingestOf, NOON_MS } from '../conformance/fixtures.ts'
import { STEPS, STORY_MS } from '../conformance/story.ts'
import { connections, type Connections } from './connection.ts'
import { LATEST_VERSION, migrate, versionOf } from './migrations.ts'
import { openPostgres } from './open.ts'
import { MISSING, newDatabase } from './place.ts'

describe.skipIf(MISSING)(MISSING ?? 'the schema in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof newDatabase>>
  let own: Connections
  beforeEach(async () => {
    database = await newDatabase()
    own = connections(database.url, { most: 4 })
  })
  afterEach(async () => {
    await own.close()
    await database.drop()
  })

  /** Everything that has a name, with what it is made of. */
  const schema = () =>
    own.ask(`
      SELECT 'relation' AS kind, c.relname::text AS name, (SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS text
      FROM pg_class c WHERE relnamespace = current_schema()::regnamespace
      UNION ALL SELECT 'function', proname::text, md5(prosrc) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
      ORDER BY 1, 2`)

  test('each step down undoes its step up, and nothing else', async () => {
    const schemas = [await schema()]
    for (let version = 1; version <= LATEST_VERSION; version++) {
      await migrate(own, version)
      expect(await versionOf(own)).toBe(version)
      schemas.push(await schema())
    }
    const texts = schemas.map((one) => JSON.stringify(one.map(({ kind, name, text }) => [kind, name, text])))
    expect(new Set(texts).size).toBe(LATEST_VERSION + 1)
    for (let version = LATEST_VERSION - 1; version >= 0; version--) {
      await migrate(own, version)
      expect(await schema()).toEqual(schemas[version])
    }
    await migrate(own)
    expect(await schema()).toEqual(schemas[LATEST_VERSION])
  })

  test('F21: a step that fails at either of its points, up or down, leaves whole steps', async () => {
    for (const [from, to] of [
      [0, LATEST_VERSION],
      [LATEST_VERSION, 0],
    ] as const)
      for (let failAt = 1; failAt <= 2 * LATEST_VERSION; failAt++) {
        await migrate(own, from)
        let points = 0
        const failing = migrate(own, to, () => {
          if (++points === failAt) throw new Error('failed')
        })
        await expect(failing).rejects.toThrow('failed')
        const steps = Math.floor((failAt - 1) / 2)
        expect(await versionOf(own)).toBe(from < to ? from + steps : from - steps)
        await migrate(own, to)
        expect(await versionOf(own)).toBe(to)
      }
  })

  test('several that open a new database at once all find it made', async () => {
    const stores = await Promise.all([1, 2, 3, 4].map(() => openPostgres(database.url)))
    expect(await versionOf(own)).toBe(LATEST_VERSION)
    await Promise.all(stores.map((one) => one.close()))
  })

  test('F06: a database that cannot be used is refused in one line that says why, and stays as it is', async () => {
    const opening = () => openPostgres(database.url)
    await runSql(database.url, 'CREATE TABLE theirs (a int)')
    await expect(opening()).rejects.toThrow(
      /^Cannot open the database of DATABASE_URL: it has tables of another[^\n]*$/,
    )
    await runSql(database.url, 'DROP TABLE theirs')
    await (await opening()).close()
    await runSql(database.url, 'UPDATE token_trackr_schema SET version = 99')
    await expect(opening()).rejects.toThrow(/a newer Token Trackr made it[^\n]*$/)
    const nobody = database.url.replace(/\/\/[^@]*@/, '//nobody:hunter2@')
    const nowhere = database.url.replace(/:\d+\//, ':1/')
    for (const url of [nobody, nowhere, `${database.url}?sslmode=require`]) {
      const error = await openPostgres(url).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(StoreUnavailable)
      expect((error as Error).message).toMatch(/^Cannot open the database of DATABASE_URL: [^\n]+$/)
      expect((error as Error).message).not.toContain('hunter2')
    }
  })

  test('entries are in the partition of their month, and where there is none, in one that takes all', async () => {
    const stores = await openPostgres(database.url)
    const nowMs = Date.now()
    await stores.ledger.commit('writer-1', [
      ingestOf({ id: 'now', occurredAtMs: nowMs }, undefined),
      ingestOf({ id: 'long ago', occurredAtMs: 1 }, undefined),
    ])
    const rows = await own.ask('SELECT tableoid::regclass::text AS partition, entry_id FROM entries ORDER BY entry_id')
    const month = new Date(nowMs).toISOString().slice(0, 7).replace('-', '_')
    expect(rows).toEqual([
      { partition: 'entries_default', entry_id: 'long ago' },
      { partition: `entries_${month}`, entry_id: 'now' },
    ])
    const [months] = await own.ask(`SELECT count(*) AS count FROM pg_inherits WHERE inhparent = 'entries'::regclass`)
    expect(months!.count).toBe(5n)
    for (const id of ['now', 'long ago']) expect(await stores.ledger.entry(id)).toMatchObject({ id })
    expect(await stores.reports.integrity()).toEqual([])
    await runSql(
      database.url,
      `DELETE FROM entry_ids WHERE entry_id = 'now'; UPDATE rollups SET requests = 9 WHERE grain = 'ever'`,
    )
    expect(await stores.reports.integrity()).toEqual([
      expect.stringContaining('user ann'),
      expect.stringContaining('entry now'),
    ])
    await stores.close()
  })

  test('a month that begins with entries in the default partition keeps them there', async () => {
    await migrate(own)
    const aheadMs = Date.now() + 40 * 86_400_000
    const stores = await openPostgres(database.url)
    const name = `entries_${new Date(aheadMs).toISOString().slice(0, 7).replace('-', '_')}`
    await runSql(database.url, `DROP TABLE ${name}`)
    await stores.ledger.commit('writer-1', [ingestOf({ id: 'ahead', occurredAtMs: aheadMs }, undefined)])
    await stores.close()
    const again = await openPostgres(database.url)
    expect(await again.ledger.entry('ahead')).toMatchObject({ occurredAtMs: aheadMs })
    const [row] = await own.ask('SELECT tableoid::regclass::text AS partition FROM entries')
    expect(row!.partition).toBe('entries_default')
    await again.close()
  })

  test('what PostgreSQL keeps in no text is replaced in it, and nothing else is', async () => {
    const stores = await openPostgres(database.url)
    const audit = { question: `a\0b \ud800 \\u0000 \\\\ud83d 🇳🇱 "`, sessionId: 'x\0' }
    const plan = ingestOf(
      { id: 'event\0', audit, rawUsage: '{"a":"\\u0000"}' },
      { source: 's\0', id: 'k\0', digest: 'd' },
    )
    expect(await stores.ledger.commit('writer-1', [plan])).toMatchObject([{ kind: 'committed' }])
    expect(await stores.ledger.commit('writer-1', [plan])).toMatchObject([{ kind: 'stale' }])
    const entry = await stores.ledger.entry('event\0')
    expect(entry!.audit).toEqual({ question: `a\ufffdb \ufffd \\u0000 \\\\ud83d 🇳🇱 "`, sessionId: 'x\ufffd' })
    expect(entry!.rawUsage).toBe('{"a":"\\u0000"}')
    await stores.close()
  })

  test('S33: the story leaves nothing of a tenant that a question under another id finds', async () => {
    const stores = await openPostgres(database.url, { nowMs: () => STORY_MS })
    for (const step of STEPS) await step(stores)
    const { reports } = stores
    const other = `acme' OR '1'='1`
    const range = { startMs: 0, endMs: NOON_MS * 2 }
    expect(await reports.entries({ tenantId: other, limit: 9 })).toEqual([])
    expect(await reports.entry(other, 'one')).toBeUndefined()
    expect(
      await reports.sums({ tenantId: other, cube: 'account', grain: 'hour', range, by: ['model'], byTime: true }),
    ).toEqual([])
    expect(await reports.refusals({ tenantId: other, limit: 9 })).toEqual([])
    expect(await reports.refusalCounts(other, range)).toEqual([])
    expect([await reports.keys(other), await reports.limits(other), await reports.crossings(other, 9)]).toEqual([
      [],
      [],
      [],
    ])
    const wrong = reports.sums({
      tenantId: 'acme',
      cube: 'account',
      grain: 'hour',
      range,
      by: ['1; DROP TABLE users' as 'model'],
      byTime: false,
    })
    await expect(wrong).rejects.toThrow('no such dimension')
    await stores.close()
  })
})
