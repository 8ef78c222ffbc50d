import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnvironment } from '../config/env.ts'
import { atEnd, commandLine, NOWHERE, open } from './cli.test.fixture.ts'
import { readSecret, type SecretInput } from './read-secret.ts'

test('S44: a credential is kept, listed without what it is, and deleted', async () => {
  const { tt } = await open({ readSecret: async (question) => `sk-canary-for-${question.split(' ')[0]}` })
  const said: string[] = []
  const run = async (...words: string[]) => {
    const { exitCode, out, error } = await tt(...words)
    said.push(out, error)
    return [exitCode, out + error] as const
  }
  expect(await run('credentials')).toEqual([0, expect.stringContaining('None is kept')])
  expect(await run('credentials', 'set', 'OPENAI_API_KEY')).toEqual([0, expect.stringContaining('Restart the server')])
  expect(await run('credentials')).toEqual([0, expect.stringMatching(/OPENAI_API_KEY +2026-11-30T12:34:56\.000Z/)])
  expect(await run('credentials', 'set', 'no-name')).toEqual([1, expect.stringContaining('name of a variable')])
  expect(await run('credentials', 'set', 'A', 'sk-canary-as-an-argument')).toEqual([
    2,
    expect.stringContaining('no argument'),
  ])
  expect(await run('credentials', 'delete', 'OPENAI_API_KEY')).toEqual([0, expect.stringContaining('until it ends')])
  expect(await run('credentials', 'delete', 'OPENAI_API_KEY')).toEqual([1, expect.stringContaining('no such')])
  expect(said.join('')).not.toContain('sk-canary')
})

test('S44: a rotation says where the new secret has to be, and what to do', async () => {
  const given: string[] = []
  const rotate = async (file: string) => (given.push(file), { database: 'ledger.db', secret: 'APP_SECRET_KEY' })
  const { exitCode, out } = await commandLine({ configuration: NOWHERE, rotate })('secret', 'rotate', 'new-secret')
  expect([exitCode, given]).toEqual([0, ['new-secret']])
  expect(out).toContain('no longer under the one in APP_SECRET_KEY. Put the new one there, and restart every server.')
})

test('doctor knows of credentials that the server keeps, also by their other name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tt-cli-'))
  atEnd(() => rmSync(folder, { recursive: true }))
  const environment = { TOKEN_TRACKR_DATA: folder, TOKEN_TRACKR_CONFIG: folder }
  const { tt } = await open({ readConfiguration: () => readEnvironment(environment) })
  expect((await tt('doctor')).out).toMatch(/warn +credentials +none is set/)
  await tt('credentials', 'set', 'GOOGLE_API_KEY')
  expect((await tt('doctor')).out).toMatch(/ok +credentials +GEMINI_API_KEY set/)
})

function keyboard(chunks: readonly string[]) {
  const modes: boolean[] = []
  const input: SecretInput = {
    isTTY: true,
    setEncoding: () => {},
    setRawMode: (mode) => modes.push(mode),
    async *[Symbol.asyncIterator]() {
      yield* chunks
    },
  }
  return { input, modes }
}

test('a secret that is typed is not shown, and can be corrected; Ctrl-C keeps everything as it is', async () => {
  let shown = ''
  const ask = (text: string) => void (shown += text)
  const typing = keyboard(['s', 'kk', '\u007f-x\b1', '\r', 'more'])
  expect(await readSecret(typing.input, ask, 'NAME: ')).toBe('sk-1')
  expect([shown, typing.modes]).toEqual(['NAME: \n', [true, false]])
  const stopping = keyboard(['sk', '\u0003'])
  await expect(readSecret(stopping.input, ask, 'NAME: ')).rejects.toThrow('Nothing was changed')
  expect(stopping.modes).toEqual([true, false])
})

test('a secret from a pipe is what it has, without the line’s end', async () => {
  const { input } = keyboard(['sk-', '1\n'])
  const ask = () => expect.unreachable()
  expect(await readSecret({ ...input, isTTY: false }, ask, 'NAME: ')).toBe('sk-1')
})
