import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cellId, rollupsOf } from '../core/rollup.ts'
import { verify } from '../ledger/verify.ts'
import { openSqlite } from '../stores/sqlite/open.ts'
import { ask, errorOf, EVENT, type Fixture, open } from './control-plane.test.fixture.ts'

const send = (fixture: Fixture, payload: object | string) => {
  const headers = { 'x-api-key': fixture.key, 'content-type': 'application/json' }
  return ask(fixture, 'POST', '/usage', { payload, headers })
}
const asAdmin = async <T>(fixture: Fixture, url: string) =>
  (await ask(fixture, 'GET', url, { headers: fixture.admin })).json<T>()
/** The whole of it by command: TT_NAMES=10000. */
const NAMES = Number(process.env['TT_NAMES'] ?? 250)

describe('what is ingested', () => {
  test('Q15: what is no count of tokens is refused by its path, and leaves nothing behind', async () => {
    const fixture = await open()
    const literals = [
      '-1',
      '1.5',
      'NaN',
      'Infinity',
      '-Infinity',
      '1e400',
      '9007199254740993',
      '9007199254740992',
      '"5"',
      'null',
    ]
    for (const field of ['prompt_tokens', 'completion_tokens'])
      for (const literal of [...literals, 'true', '[]', '[5]', '{}', '""', '0x10', '01', '1e10', '-0.5']) {
        const body = JSON.stringify({ ...EVENT, [field]: 'HERE' }).replace('"HERE"', literal)
        const error = errorOf(await send(fixture, body))
        expect(['invalid_json', 'invalid_field']).toContain(error.code)
        if (error.code === 'invalid_field') expect([literal, error.field]).toEqual([literal, field])
      }
    const { prompt_tokens: _, ...without } = EVENT
    expect(errorOf(await send(fixture, without))).toMatchObject({ code: 'invalid_field', field: 'prompt_tokens' })
    expect(await fixture.store.reports.scanEntries(undefined, 5)).toEqual([])
    expect(await asAdmin(fixture, '/api/users/alice')).toMatchObject({ tokenUsage: 0, requests: 0 })
  })

  test('Q18: an event is reported when it happened and limited when it arrived; no date dodges a limit', async () => {
    const fixture = await open()
    const window = { kind: 'calendar', unit: 'day', zone: 'UTC' }
    const rule = { scope: { kind: 'user', id: 'alice' }, metric: 'tokens', window, amount: 1_000 }
    await ask(fixture, 'POST', '/api/limits', { payload: rule, headers: fixture.admin })
    const dates = {
      'last month': '2026-10-15T12:00:00Z',
      '40 days ago': '2026-10-21T12:34:56Z',
      now: '2026-11-30T12:34:56Z',
    }
    for (const timestamp of Object.values(dates))
      expect((await send(fixture, { ...EVENT, timestamp })).statusCode).toBe(201)
    const inRange = async (from: string, to: string) =>
      (await asAdmin<{ totalTokens: number }>(fixture, `/api/summary?from=${from}T00:00:00Z&to=${to}T00:00:00Z`))
        .totalTokens
    expect(await inRange('2026-10-15', '2026-10-16')).toBe(200)
    expect(await inRange('2026-10-01', '2026-11-01')).toBe(400)
    expect(await inRange('2026-11-30', '2026-12-01')).toBe(200)
    const { limits } = await asAdmin<{ limits: { window: { kind: string }; settled: number }[] }>(
      fixture,
      '/api/limits',
    )
    for (const { settled } of limits) expect(settled).toBe(600)
    const impossible = [
      ...[
        '2026-11-30T12:40:57Z',
        '9999-12-31T23:59:59Z',
        '+058867-01-01T00:00:00Z',
        '1970-01-21T14:11:00Z',
        '0001-01-01T00:00:00Z',
      ],
      ...[1_796_042_096, 1_796_042_096_000, 1_796_042_096_000_000, '1796042096', '1796042096000', null],
      ...[
        '2026-11-30',
        '2026-11-30T12:00:00',
        '2026-02-30T12:00:00Z',
        '2026-11-30T12:00:00+99:99',
        '2026-11-30T25:00:00Z',
        'now',
        '',
      ],
    ]
    for (const timestamp of impossible) {
      const answer = await send(fixture, { ...EVENT, timestamp })
      expect([timestamp, errorOf(answer).code, errorOf(answer).field]).toEqual([
        timestamp,
        'invalid_field',
        'timestamp',
      ])
    }
    expect((await fixture.store.reports.scanEntries(undefined, 10)).length).toBe(3)
  })

  test(
    `Q21: ${NAMES} names of users and models make no limit and no counter, and few cells of rollups`,
    { timeout: 600_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'names-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const fixture = await open({ openStores: (options) => openSqlite(join(folder, 'ledger.db'), options) })
      const limits = await fixture.store.reports.limits('default')
      const counters = (await fixture.store.reports.scanCounters()).length
      for (let n = 0; n < NAMES; n++) {
        const event = { ...EVENT, timestamp: '2026-11-30T12:00:00Z', user_id: `end user ${n}`, tenant_id: `t${n}` }
        expect((await send(fixture, event)).statusCode).toBe(201)
      }
      const cells = async () => (await Array.fromAsync(fixture.store.reports.scanRollups())).length
      expect(await cells()).toBe(4)
      const scoped = {
        scope: { kind: 'model', id: 'the limited one' },
        metric: 'tokens',
        window: { kind: 'lifetime' },
        amount: 9,
      }
      await ask(fixture, 'POST', '/api/limits', { payload: scoped, headers: fixture.admin })
      for (let n = 0; n < NAMES; n++) {
        const event = { ...EVENT, timestamp: '2026-11-30T12:00:00Z', model: `model ${n}`, provider: `p${n}` }
        expect((await send(fixture, event)).statusCode).toBe(201)
      }
      // Two hundred of them a day and `other`, in two cubes and two grains.
      expect(await cells()).toBe(4 * 201)
      await send(fixture, { ...EVENT, model: 'the limited one', provider: 'another' })
      const settled = (await fixture.store.reports.scanCounters()).map(({ value }) => value.settled)
      expect(new Set(settled)).toEqual(new Set([200n * BigInt(2 * NAMES + 1), 200n]))
      expect(await fixture.store.reports.limits('default')).toHaveLength(limits.length + 1)
      expect(await fixture.store.reports.scanCounters()).toHaveLength(counters + 1)
      const [last] = (await asAdmin<{ entries: object[] }>(fixture, '/api/entries?limit=1&model=other')).entries
      expect(last).toMatchObject({ provider: 'other', model: 'other', costNanoUsd: 1_200_000 })
      expect((last as { servedModel: string }).servedModel).toMatch(/^p\d+\/model \d+$/)
      // The next day has room again.
      fixture.clock.nowMs += 86_400_000
      await send(fixture, { ...EVENT, model: 'tomorrow' })
      expect(await asAdmin(fixture, '/api/entries?model=tomorrow')).toMatchObject({ entries: [{ servedModel: null }] })
      // And the sums are those of the entries, still. From here on the store is frozen.
      expect((await verify(fixture.store.reports)).filter(({ ok }) => !ok)).toEqual([])
      const entries = await fixture.store.reports.scanEntries(undefined, 3 * NAMES)
      expect(new Set(entries.flatMap(rollupsOf).map(cellId)).size).toBe(await cells())
    },
  )
})
