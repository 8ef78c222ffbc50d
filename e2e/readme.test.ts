import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, type Stage, stage } from './harness.ts'
import { blocksOf, run, snippetFolder } from './snippets.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = (language: string) => blocksOf(README, language)

let on: Stage
let snippets: ReturnType<typeof snippetFolder>
beforeAll(async () => {
  on = await stage()
  snippets = snippetFolder('.readme')
})
afterAll(async () => {
  snippets.remove()
  await on.close()
})

const here = (code: string) =>
  code.replaceAll('http://localhost:8000', on.server.url).replaceAll('tt_...', on.installation.key)

describe('the snippets work as they are printed', () => {
  test.each(blocks('js').map((code, index) => [index + 1, code] as const))(
    'JavaScript, number %i',
    async (index, code) => {
      const file = snippets.write(`${index}.mjs`, here(code))
      const { code: exit, output } = await run(process.execPath, [file])
      expect(output).not.toBe('')
      expect(exit, output).toBe(0)
    },
  )
  test('curl', async () => {
    const [code] = blocks('sh').filter((block) => block.startsWith('curl'))
    const { code: exit, output } = await run('sh', ['-c', here(code ?? '')])
    expect(exit).toBe(0)
    expect(output).toContain('"usage"')
  })
  test('the command line', async () => {
    const [code] = blocks('sh').filter((block) => block.startsWith('npx tt'))
    const lines = (code ?? '').trim().split('\n')
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) {
      const environment = { TOKEN_TRACKR_URL: on.server.url, TOKEN_TRACKR_DATA: on.installation.folder }
      const { code: exit, output } = await run('sh', ['-c', line], environment)
      expect(exit, `${line}\n${output}`).toBe(0)
    }
    expect(await on.server.control.user('ada')).toMatchObject({ tokenLimit: 100_000 })
  })
  test('every file that it links to is there', () => {
    const links = [...README.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '')
    expect(links.length).toBeGreaterThan(10)
    for (const link of links) expect(() => readFileSync(join(ROOT, link))).not.toThrow(/ENOENT/)
  })
})

test('npm start serves, ends when it is told to, and changes no tracked file', async () => {
  const before = await run('git', ['status', '--porcelain'])
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-start-'))
  const child = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', TOKEN_TRACKR_DATA: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let ready: { url: string; key: string } | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    ready = JSON.parse(line)
    break
  }
  const answer = await fetch(`${ready?.url}/v1/models`, { headers: { authorization: `Bearer ${ready?.key}` } })
  expect(answer.status).toBe(200)
  expect((await fetch(`${ready?.url}/`)).headers.get('content-type')).toContain('text/html')
  // npm itself is gone at once; its shell hands no signal on, and the server ends in order all the same.
  const gone = once(child.stdout, 'close')
  child.kill('SIGTERM')
  await gone
  await expect(fetch(`${ready?.url}/api/health`)).rejects.toThrow()
  rmSync(folder, { recursive: true, force: true })
  expect(await run('git', ['status', '--porcelain'])).toEqual(before)
})
