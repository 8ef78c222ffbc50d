import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { commandLine, NOWHERE, open } from './cli.test.fixture.ts'
import { referenceText } from './reference.ts'

test('docs/cli.md says what the commands say', () => {
  const squeezed = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---').trim()
  const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
  expect(squeezed(page)).toBe(squeezed(referenceText()))
})

describe('run', () => {
  test('S40: the program gets a key that is nowhere printed and ends with it; its exit code is ours', async () => {
    const ran: { command: readonly string[]; environment: Readonly<Record<string, string>> }[] = []
    const { tt, url, store, accounts } = await open({
      run: async (command, environment) => {
        ran.push({ command, environment })
        expect(await accounts.identify(environment['OPENAI_API_KEY']!)).toMatchObject({ user: { id: 'alice' } })
        return 7
      },
    })
    const { exitCode, out, error } = await tt('run', '--user', 'alice', '--', 'claude', '--json', '-p', 'hi')
    expect([exitCode, out, error]).toEqual([7, '', ''])
    const [{ command, environment } = ran[0]!] = ran
    expect(command).toEqual(['claude', '--json', '-p', 'hi'])
    const key = environment['OPENAI_API_KEY']!
    expect(environment).toEqual({
      ...{ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, ANTHROPIC_BASE_URL: url },
      ...{ ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: key },
      ...{ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key, GOOGLE_API_KEY: key },
      ...{ CO_API_URL: url, CO_API_KEY: key },
    })
    expect(await accounts.identify(key)).toBeUndefined()
    const keys = await store.reports.keys('default')
    expect(Object.fromEntries(keys.map(({ name, revokedAtMs }) => [name, revokedAtMs !== null]))).toEqual({
      laptop: false,
      'token-trackr run': true,
    })
  })

  test('a key that is there is used as it is; without one somebody has to be named', async () => {
    const given: string[] = []
    const run = async (_command: readonly string[], environment: Readonly<Record<string, string>>) => {
      given.push(environment['ANTHROPIC_API_KEY']!)
      return 0
    }
    const { configuration } = { configuration: { ...NOWHERE, key: 'tt_mine' } }
    expect((await commandLine({ configuration, run })('run', '--', 'x')).exitCode).toBe(0)
    expect((await commandLine({ configuration, run })('run', '--key', 'tt_other', '--', 'x')).exitCode).toBe(0)
    expect(given).toEqual(['tt_mine', 'tt_other'])
    expect((await commandLine({ configuration: NOWHERE, run })('run', '--', 'x')).exitCode).toBe(2)
    expect((await commandLine({ configuration: NOWHERE, run })('run', '--user', 'alice', '--', 'x')).exitCode).toBe(4)
    const { tt } = await open({ run })
    expect((await tt('run', '--user', 'nobody', '--', 'x')).exitCode).toBe(1)
    expect(given).toHaveLength(2)
  })

  test(
    'a real program: environment, exit code, signal and a program that is not there',
    { timeout: 30_000 },
    async () => {
      const command = new URL('../command.ts', import.meta.url).pathname
      const environment = {
        ...process.env,
        TOKEN_TRACKR_KEY: 'tt_mine',
        TOKEN_TRACKR_SECRET: 'tta_mine',
        APP_SECRET_KEY: 'x',
        ALERT_WEBHOOK_URL: 'x',
        ALERT_WEBHOOK_SECRET: 'x',
      }
      const run = (...words: string[]) =>
        spawnSync(process.execPath, [command, 'run', '--', ...words], { env: environment, encoding: 'utf8' })
      const says = run(
        'sh',
        '-c',
        'echo "$OPENAI_BASE_URL $TOKEN_TRACKR_SECRET$APP_SECRET_KEY$ALERT_WEBHOOK_URL$ALERT_WEBHOOK_SECRET."; exit 7',
      )
      expect([says.stdout, says.stderr, says.status]).toEqual(['http://127.0.0.1:8000/v1 .\n', '', 7])
      expect(run('sh', '-c', 'kill -TERM $$').status).toBe(143)
      const missing = run('no-such-program-anywhere')
      expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('cannot be run (ENOENT)')])
      const words = [command, 'run', '--', 'sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done']
      const waiting = spawn(process.execPath, words, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
      await once(waiting.stdout, 'data')
      waiting.kill('SIGTERM')
      expect(await once(waiting, 'exit')).toEqual([9, null])
    },
  )
})

test('completion: bash completes commands, subcommands, options and choices', async () => {
  const { raw } = await commandLine({ configuration: NOWHERE })('completion', 'bash')
  const complete = (...words: string[]) =>
    execFileSync(
      'bash',
      [
        '-c',
        `${raw}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _token_trackr; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        'tt',
        ...words,
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
  expect(complete('us')).toEqual(['users', 'usage'])
  expect(complete('limits', '')).toEqual(['list', 'set', 'lift', 'test', '--json', '--help'])
  expect(complete('limits', 'test', '--m')).toEqual(['--model', '--max-tokens'])
  expect(complete('--json', 'entries', 's')).toEqual(['show'])
  expect(complete('completion', 'f')).toEqual(['fish'])
  for (const shell of ['zsh', 'fish']) {
    const script = (await commandLine({ configuration: NOWHERE })('completion', shell)).raw
    for (const word of ['limits', 'doctor', '--max-tokens', 'tt']) expect(script).toContain(word)
  }
})

describe('what was spent', () => {
  test('T13: the command line, the API, the summary and the trend tell the same, with the zone beside it', async () => {
    const { tt, app, key, admin } = await open()
    const times = [
      '2026-10-24T21:59:59Z',
      '2026-10-24T22:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T22:59:59Z',
      '2026-10-25T23:00:00Z',
    ]
    for (const [n, timestamp] of times.entries()) {
      const payload = {
        provider: 'p',
        model: n % 2 ? 'm' : 'n',
        prompt_tokens: 1_000 + n,
        completion_tokens: n,
        timestamp,
      }
      const { statusCode } = await app.inject({ method: 'POST', url: '/usage', headers: { 'x-api-key': key }, payload })
      expect(statusCode).toBe(201)
    }
    const range = ['--since', '2026-10-25', '--until', '2026-10-26', '--zone', 'Europe/Amsterdam']
    const query = 'from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z&zone=Europe/Amsterdam'
    const get = async <T>(url: string) => (await app.inject({ url, headers: admin })).json<T>()
    type Sums = { requests: number; totalTokens: number; costNanoUsd: number }
    const { zone, requests, totalTokens, costNanoUsd } = await get<Sums & { zone: string }>(`/api/summary?${query}`)
    const summed = { requests: 3, totalTokens: 1_001 + 1_002 + 1_003 + 6, costNanoUsd: 3_006 * 3_000 + 6 * 15_000 }
    expect({ requests, totalTokens, costNanoUsd }).toEqual(summed)
    const { series, ...trend } = await get<{ series: { points: Sums[] }[]; zone: string }>(
      `/api/trend?${query}&bucket=day&by=model`,
    )
    const sum = (of: (one: Sums) => number) =>
      series.flatMap(({ points }) => points).reduce((total, point) => total + of(point), 0)
    expect({
      requests: sum((one) => one.requests),
      totalTokens: sum((one) => one.totalTokens),
      costNanoUsd: sum((one) => one.costNanoUsd),
    }).toEqual(summed)
    const { entries } = await get<{ entries: { totalTokens: number; costNanoUsd: number }[] }>(
      `/api/entries?${query.replace(/&zone.*/, '')}`,
    )
    expect([entries.length, entries.reduce((total, one) => total + one.totalTokens, 0)]).toEqual([
      3,
      summed.totalTokens,
    ])
    expect([zone, trend.zone]).toEqual(['Europe/Amsterdam', 'Europe/Amsterdam'])
    for (const by of ['model', 'user', 'day', 'day,model', 'day,user', 'day,outcome', 'day,key', 'day,provider']) {
      const { out } = await tt('usage', '--by', by, ...range)
      expect([by, /^total +(\S+) +(\S+) +(\S+)$/m.exec(out)?.slice(1)]).toEqual([by, ['3', '3,012', '$0.009108']])
      expect(out).toContain('From 2026-10-25 00:00 to 2026-10-26 00:00 (not included), Europe/Amsterdam.')
    }
    const json = JSON.parse((await tt('usage', '--json', ...range)).raw) as object
    expect(json).toMatchObject({ ...summed, zone })
    expect((await tt('usage', '--by', 'day,model', ...range)).out).toMatch(/^2026-10-25 m +2 /m)
  })

  test('an entry says how it was counted, and a user what belongs to it', async () => {
    const { tt, app, key } = await open()
    const payload = { provider: 'p', model: 'm', prompt_tokens: 1_000, completion_tokens: 1, user_id: 'x\u202e' }
    const booked = await app.inject({ method: 'POST', url: '/usage', headers: { 'x-api-key': key }, payload })
    const { id } = booked.json<{ id: string }>()
    const { out } = await tt('entries', 'show', id)
    const lines = [
      ...[/^who +alice, with key_/m, /^what +p\/m$/m, /^tokens +1,001$/m, /^ +1,000 inUncached at \$3 per 1M$/m],
      ...[
        /^cost +\$0\.003015$/m,
        /^raw usage +\{"prompt_tokens":1000,"completion_tokens":1\}$/m,
        /^labels +user_id=x$/m,
      ],
    ]
    for (const line of lines) expect(out).toMatch(line)
    expect((await tt('entries', 'show', 'none')).exitCode).toBe(1)
    await tt('limits', 'set', 'alice', '5req/day')
    const shown = (await tt('users', 'show', 'alice')).out
    for (const word of ['laptop', 'user:alice', '5 requests', 'p/m', '1,000,000']) expect(shown).toContain(word)
    expect(JSON.parse((await tt('users', 'show', 'alice', '--json')).raw)).toMatchObject({
      userId: 'alice',
      keys: [{}],
      entries: [{ id }],
    })
  })

  test('a backup says where it is and what it needs; a restore what became of the old one', async () => {
    const asked: unknown[] = []
    const configuration = NOWHERE
    const restore = async (...words: unknown[]) => {
      asked.push(words)
      return { file: 'ledger.db', keptAside: 'ledger.db.before' }
    }
    expect((await commandLine({ configuration })('backup', 'b.db')).out).toContain(
      'keep a copy of .token-trackr/secret',
    )
    const restored = await commandLine({ configuration, restore })('restore', 'b.db', '--force')
    expect([restored.out, asked]).toEqual([
      'ledger.db is what b.db has, proven. What was there before is ledger.db.before.\n',
      [['b.db', { force: true }]],
    ])
  })
})
