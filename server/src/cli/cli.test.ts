import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCliEnvironment } from '../config/cli.ts'
import { ConfigurationError } from '../core/errors.ts'
import { count, parseTokens, usd } from './amounts.ts'
import { commandLine, listen, NOWHERE, open } from './cli.test.fixture.ts'
import { inert } from './table.ts'

describe('on a terminal', () => {
  test('users are created, listed, shown and limited, in aligned tables', async () => {
    const { tt } = await open()
    expect(await tt('users', 'create', 'bob', '--limit', '0')).toMatchObject({ exitCode: 0, error: '' })
    await tt('users', 'create', 'free', '--limit', 'none')
    const { out } = await tt('users', 'list')
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^user +used +held +limit +remaining +% +requests +cost +last call$/)
    expect(lines[1]).toMatch(/^alice +0 +0 +1,000,000 +1,000,000 +0\.0 +0 +\$0 +never$/)
    expect(lines[2]).toMatch(/^bob +0 +0 +0 +0 +100\.0 /)
    expect(lines[3]).toMatch(/^free +0 +0 +none +unlimited +- /)
    expect(lines[1]!.indexOf('1,000,000') + 9).toBe(lines[0]!.indexOf('limit') + 5)
    expect((await tt('users', 'limit', 'bob', '1.5M')).out).toContain('1,500,000')
    expect((await tt('users', 'show', 'bob')).out).toContain('1,500,000')
  })

  test('a narrow one gets the columns that matter', async () => {
    const { tt } = await open({ columns: 80 })
    const [head] = (await tt('users', 'list')).out.split('\n')
    expect(head).toMatch(/^user +used +limit +remaining +% +cost$/)
  })

  test('S40: a key is shown once, and no secret otherwise', async () => {
    const { tt, adminSecret, key } = await open()
    const created = (await tt('keys', 'create', 'alice', '--name', 'ci')).out
    const [secret] = /tt_\S{43}/.exec(created)!
    const id = /key_[^ ,]+/.exec(created)![0]
    expect((await tt('keys', 'list', '--user', 'alice')).out).toContain('ci')
    expect((await tt('keys', 'revoke', id)).out).toBe(`${id} is revoked.\n`)
    const said = await Promise.all([
      tt('keys', 'list'),
      tt('keys', 'list', '--json'),
      tt('users', 'list'),
      tt('keys', 'revoke', 'nothing'),
      tt('users', 'create'),
    ])
    for (const { out, error } of said)
      for (const one of [secret, key, adminSecret]) expect(out + error).not.toContain(one)
  })

  test('usage has a line for each, a total, and what the sums lack', async () => {
    const { tt, app, key } = await open()
    for (const model of ['m', 'm', 'unpriced'])
      await app.inject({
        method: 'POST',
        url: '/usage',
        headers: { 'x-api-key': key },
        payload: {
          provider: 'p',
          model,
          prompt_tokens: 1_000,
          completion_tokens: 1,
          timestamp: '2026-11-29T23:30:00Z',
        },
      })
    const { out } = await tt('usage', '--since', '2026-11-30', '--until', '2026-12-01', '--zone', 'Europe/Amsterdam')
    expect(
      out
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['p/m', '2', '2,002', '$0.00603'],
      ['p/unpriced', '1', '1,001', '$0'],
      ['total', '3', '3,003', '$0.00603'],
      ['of these unpriced', '1', '0', '$0'],
      ['From 2026-11-30 00:00 to 2026-12-01 00:00 (not included), Europe/Amsterdam.'],
    ])
    expect((await tt('usage', '--by', 'user', '--since', '2026-11-30', '--zone', 'UTC')).out).not.toContain('alice')
    expect((await tt('usage', '--by', 'user', '--since', '2026-11-29', '--zone', 'UTC')).out).toContain('alice')
    expect((await tt('entries')).out).toContain('unpriced')
    expect((await tt('entries', '--model', 'none')).out).toBe('There are no entries yet.\n')
  })

  test('S50: a name cannot speak to the terminal', async () => {
    const evil = '\u001b[2J\u001b]0;pwned\u0007x\u009b31m\u202eab\u0000\r\n'
    expect(inert(evil)).toMatch(/^[a-z0-9 ]*$/)
    fc.assert(
      fc.property(fc.array(fc.nat(0x2fff)), (points) => {
        const text = String.fromCodePoint(...points)
        expect(inert(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
    const user = { userId: evil, tokenLimit: null, tokensRemaining: null, percentUsed: null, lastUpdated: null }
    const url = await listen((_request, response) =>
      response.end(
        JSON.stringify({
          users: [{ ...user, tokenUsage: 0, tokensHeld: 0, requests: 0, costNanoUsd: 0 }],
          nextCursor: null,
        }),
      ),
    )
    const configuration = { url, secret: 's', credentialsFile: '' }
    const shown = await commandLine({ configuration })('users', 'list')
    // Only the head is styled, by us.
    expect(shown.raw.slice(shown.raw.indexOf('\n') + 1, -1)).not.toMatch(/[\p{Cc}\u202e]/u)
    const json = await commandLine({ configuration, isTty: false })('users', 'list')
    expect(json.raw.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(JSON.parse(json.raw)).toMatchObject({ users: [{ userId: evil }] })
  })
})

test('for programs: JSON, as the API answers, whole over all pages', async () => {
  const { tt, accounts } = await open({ isTty: false })
  for (let n = 0; n < 205; n++) await accounts.createUser('default', `u${n}`, 9_007_199_254_740_993n)
  const { users } = JSON.parse((await tt('users', 'list')).raw) as { users: { tokenLimit: unknown }[] }
  expect(users).toHaveLength(206)
  expect(users[1]!.tokenLimit).toBe('9007199254740993')
  expect(JSON.parse((await tt('usage', '--json')).raw)).toMatchObject({ entries: 0, byModel: [] })
})

describe('exit codes', () => {
  test('1: what the server refuses, with what to do', async () => {
    const { tt } = await open()
    const again = await tt('users', 'create', 'alice', '--limit', '5')
    expect(again).toMatchObject({ exitCode: 1, out: '' })
    expect(again.error).toBe(
      'token-trackr: There is a user with this id already. Choose another id, or read what is there.\n',
    )
    const stranger = commandLine({ configuration: { ...NOWHERE, secret: undefined } })
    expect((await stranger('users', 'list')).error).toContain('set TOKEN_TRACKR_SECRET')
  })

  test('1: a wrong secret is not told', async () => {
    const url = await listen((_request, response) =>
      response.writeHead(401).end('{"error":{"code":"unauthenticated"}}'),
    )
    const { exitCode, error } = await commandLine({ configuration: { ...NOWHERE, url } })('users', 'list')
    expect([exitCode, error.includes('TOKEN_TRACKR_SECRET'), error.includes(NOWHERE.secret)]).toEqual([1, true, false])
  })

  test('2: words that mean nothing', async () => {
    const tt = commandLine({ configuration: NOWHERE })
    const wrong = [
      'bogus',
      'users create x',
      'users limit x lots',
      'usage --by week',
      'usage --by model,user',
      'usage --since yesterday',
      'keys list -x',
    ]
    for (const words of wrong) expect([words, (await tt(...words.split(' '))).exitCode]).toEqual([words, 2])
    expect((await tt('--help')).exitCode).toBe(0)
    expect((await tt('--version')).out).toBe('0.0.0-test\n')
  })

  test('3: a limit was reached', async () => {
    const url = await listen((_request, response) => response.writeHead(429).end('{"error":{"code":"limit_reached"}}'))
    expect((await commandLine({ configuration: { ...NOWHERE, url } })('users', 'list')).exitCode).toBe(3)
  })

  test('4: nobody is there, somebody else is there, or who is there sends us away', async () => {
    const gone = await commandLine({ configuration: NOWHERE })('users', 'list')
    expect(gone).toMatchObject({ exitCode: 4 })
    expect(gone.error).toContain('token-trackr start')
    const page = await listen((_request, response) => response.end('<html>'))
    let followed = false
    const target = await listen((_request, response) => {
      followed = true
      response.end('{}')
    })
    const away = await listen((_request, response) => response.writeHead(307, { location: target }).end())
    for (const url of [page, away])
      expect((await commandLine({ configuration: { ...NOWHERE, url } })('users', 'list')).exitCode).toBe(4)
    expect(followed).toBe(false)
  })

  test('5: the ledger is not what its entries say', async () => {
    const checks = [{ name: 'rollups', ok: false, detail: 'one cell differs' }]
    const tt = commandLine({ configuration: NOWHERE, verify: async () => ({ ok: false, checks }) })
    const { exitCode, out, error } = await tt('verify')
    expect([exitCode, out.includes('FAILED'), error.includes('Keep a copy')]).toEqual([5, true, true])
    const broken = commandLine({
      configuration: NOWHERE,
      verify: async () => {
        throw new ConfigurationError('DATABASE_URL has no scheme.')
      },
    })
    expect(await broken('verify')).toMatchObject({ exitCode: 1, error: 'token-trackr: DATABASE_URL has no scheme.\n' })
  })

  test('without words the server starts', async () => {
    let started = 0
    const tt = commandLine({ configuration: NOWHERE, start: async () => void started++ })
    expect([(await tt()).exitCode, (await tt('start')).exitCode, started]).toEqual([0, 0, 2])
  })
})

describe('amounts', () => {
  test('tokens are read as people write them, exactly', () => {
    const written = {
      '0': 0,
      none: null,
      '250k': 250_000,
      '1.5M': 1_500_000,
      '1_000': 1_000,
      '9007199254740993': '9007199254740993',
    }
    for (const [text, tokens] of Object.entries(written)) expect(parseTokens(text)).toBe(tokens)
    for (const text of ['', '-1', '1.5', '1e3', '0.0001k', 'NaN', '1.5.5M', 'M'])
      expect(() => parseTokens(text)).toThrow()
  })

  test('no digit is rounded away, and unknown is not 0', () => {
    expect([usd(1), usd('9007199254740993'), usd(null), usd(0)]).toEqual([
      '$0.000000001',
      '$9007199.254740993',
      'unpriced',
      '$0',
    ])
    expect([count('9007199254740993'), count(null), count(0)]).toEqual(['9,007,199,254,740,993', 'unknown', '0'])
  })
})

test('S40: the secret of this machine is sent to this machine alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'credentials-'))
  writeFileSync(join(folder, 'credentials'), 'tta_mine\n')
  const read = (more: object) => readCliEnvironment({ TOKEN_TRACKR_DATA: folder, ...more })
  expect(read({})).toMatchObject({ url: 'http://127.0.0.1:8000', secret: 'tta_mine' })
  expect(read({ TOKEN_TRACKR_URL: 'http://localhost:9/' })).toMatchObject({
    url: 'http://localhost:9',
    secret: 'tta_mine',
  })
  expect(read({ TOKEN_TRACKR_URL: 'http://[::1]:9' }).secret).toBe('tta_mine')
  for (const url of ['https://tt.example', 'http://127.0.0.1.evil.example', 'http://127.0.0.1@evil.example'])
    expect(read({ TOKEN_TRACKR_URL: url }).secret).toBeUndefined()
  expect(read({ TOKEN_TRACKR_URL: 'https://tt.example', TOKEN_TRACKR_SECRET: 'other' }).secret).toBe('other')
  expect(read({ TOKEN_TRACKR_URL: 'ftp://x' }).url).toBeUndefined()
  rmSync(folder, { recursive: true })
})
