import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readEnvironment } from '../config/env.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { atEnd, commandLine, listen, NOWHERE, open } from './cli.test.fixture.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tt-cli-'))
  atEnd(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('doctor', () => {
  async function installation(environment: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder()
    const data = join(folder, 'data')
    mkdirSync(data, { mode: 0o700 })
    for (const name of ['secret', 'credentials', 'ledger.db']) writeFileSync(join(data, name), 'x', { mode: 0o600 })
    mkdirSync(join(folder, 'config'))
    const server = await open()
    server.clock.nowMs = Date.now()
    const configuration = { url: server.url, secret: server.adminSecret, credentialsFile: '' }
    const given = { TOKEN_TRACKR_DATA: data, TOKEN_TRACKR_CONFIG: join(folder, 'config'), ...environment }
    return { ...server, folder, data, configuration, given, readConfiguration: () => readEnvironment(given) }
  }
  type Found = { ok: boolean; findings: { state: string; check: string; detail: string; fix: string | null }[] }
  async function examine(surroundings: Parameters<typeof commandLine>[0]) {
    const { exitCode, raw } = await commandLine({ ...surroundings, isTty: false })('doctor')
    const { ok, findings } = JSON.parse(raw) as Found
    expect(ok).toBe(exitCode === 0)
    for (const { state, fix } of findings) expect([state, fix === null]).toEqual([state, state === 'ok'])
    const notWell = findings.filter(({ state }) => state !== 'ok').map(({ state, check }) => `${state} ${check}`)
    return { exitCode, notWell, text: raw, checks: findings.map(({ check }) => check) }
  }

  test('all is well', async () => {
    const well = await installation({ OPENAI_API_KEY: 'sk-canary' })
    const { exitCode, notWell, text, checks } = await examine(well)
    // The dashboard is not built in this test.
    expect([exitCode, notWell]).toEqual([0, ['warn dashboard']])
    expect(text).toContain('OPENAI_API_KEY set')
    expect(text).not.toContain('sk-canary')
    expect(text).not.toContain(well.adminSecret)
    for (const check of [
      'server',
      'ready',
      'clock',
      'secret',
      'spool',
      'node',
      'environment',
      'data folder',
      'database',
      'configuration',
      'credentials',
    ])
      expect(checks).toContain(check)
    expect((await commandLine(well)('doctor')).out).toMatch(/^ok +server +http.* answers, version 0\.0\.0-test$/m)
  })

  test('each thing that is not well is named, with what to do', async () => {
    const one = await installation({ OPENAI_API_KEY: 'x' })
    const notWell = async (more: Partial<Parameters<typeof commandLine>[0]> = {}) =>
      (await examine({ ...one, ...more })).notWell.filter((finding) => finding !== 'warn dashboard')
    expect(await notWell({ configuration: { ...NOWHERE } })).toEqual(['fail server'])
    expect(await notWell({ configuration: { ...NOWHERE, url: undefined } })).toEqual(['fail server'])
    const page = await listen((_request, response) => response.end('<html>'))
    expect(await notWell({ configuration: { ...NOWHERE, url: page } })).toEqual(['fail server'])
    expect(await notWell({ configuration: { ...one.configuration, secret: 'tta_wrong' } })).toEqual(['fail secret'])
    one.causes.push('the ledger cannot be written')
    expect(await notWell()).toEqual(['fail ready'])
    one.causes.length = 0
    one.spool.calls = 2
    expect(await notWell()).toEqual(['warn spool'])
    one.spool.calls = 0
    chmodSync(one.data, 0o755)
    chmodSync(join(one.data, 'secret'), 0o640)
    expect(await notWell()).toEqual(['fail data folder', 'fail file secret'])
    chmodSync(one.data, 0o700)
    chmodSync(join(one.data, 'secret'), 0o600)
    expect(await notWell({ inspect: async () => ({ file: 'x', problems: ['it is in memory (tmpfs)'] }) })).toEqual([
      'warn database',
    ])
    const broken = async () => {
      throw new StoreUnavailable('x is not a database.')
    }
    expect(await notWell({ inspect: broken })).toEqual(['fail database'])
    expect(await notWell({ readConfiguration: () => readEnvironment({ PORT: 'x' }) })).toEqual(['fail environment'])
    const withRedis = () => readEnvironment({ ...one.given, REDIS_URL: 'redis://:s3cret@cache' })
    expect(await notWell({ readConfiguration: withRedis })).toEqual([])
    const whyNoRedis = async () => 'connect ECONNREFUSED'
    expect(await notWell({ readConfiguration: withRedis, whyNoRedis })).toEqual(['warn redis'])
    expect((await examine({ ...one, readConfiguration: withRedis, whyNoRedis })).text).not.toContain('s3cret')
    writeFileSync(
      join(one.folder, 'config', 'proxy.yaml'),
      'model_list:\n  - model_name: m\n    litellm_params: { model: groq/x }\n',
    )
    expect(await notWell()).toEqual(['warn credentials'])
    writeFileSync(join(one.folder, 'config', 'proxy.yaml'), 'budgets: 5\n')
    expect(await notWell()).toEqual(['fail configuration'])
    const late = await listen((request, response) => {
      response.setHeader('date', new Date(Date.now() - 60_000).toUTCString())
      one.app.routing(request, response)
    })
    rmSync(join(one.folder, 'config', 'proxy.yaml'))
    expect(await notWell({ configuration: { ...one.configuration, url: late } })).toEqual(['warn clock'])
  })
})
