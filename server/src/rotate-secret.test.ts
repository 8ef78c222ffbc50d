import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openCredentials } from './accounts/credentials.ts'
import { openVault } from './accounts/vault.ts'
import { readEnvironment } from './config/env.ts'
import { openStores } from './open-stores.ts'
import { rotateSecret } from './rotate-secret.ts'

const [OLD, NEW] = ['3f9a1c7be2d84056a1b2c3d4e5f60718', '0718f60718e5d4c3b2a15640d8e2b7c1']
const COMMAND = join(import.meta.dirname, 'command.ts')

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An installation with one credential, under the old secret in its environment, and a file with the new one. */
async function installation(environment: Readonly<Record<string, string>> = { APP_SECRET_KEY: OLD }) {
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-rotate-'))
  folders.push(folder)
  const given = { TOKEN_TRACKR_DATA: folder, TOKEN_TRACKR_CONFIG: folder, ...environment }
  const configuration = readEnvironment(given)
  const file = join(folder, 'new-secret')
  writeFileSync(file, `${NEW}\n`)
  const withStore = async <T>(work: (store: Awaited<ReturnType<typeof openStores>>['accounts']) => Promise<T>) => {
    const stores = await openStores(configuration.database)
    try {
      return await work(stores.accounts)
    } finally {
      await stores.close()
    }
  }
  await withStore((store) =>
    openCredentials({ store, secret: OLD, conceal: () => {}, now: Date.now }).put('OPENAI_API_KEY', 'sk-canary-1'),
  )
  /** Which of both secrets opens what was kept. */
  const opening = () =>
    withStore(async (store) => {
      const opens = async (secret: string) =>
        (await openVault(store, secret))?.credentials['OPENAI_API_KEY']?.value === 'sk-canary-1'
      return [...((await opens(OLD)) ? ['old'] : []), ...((await opens(NEW)) ? ['new'] : [])]
    })
  return { folder, given, configuration, file, opening }
}

test('S44: kill -9 at any step of a rotation leaves either the old secret or the new one working, never neither', async () => {
  const { given, file, opening, folder } = await installation()
  const seen: string[] = []
  for (let point = 1; ; point++) {
    const child = spawn(process.execPath, [COMMAND, 'secret', 'rotate', file], {
      env: { ...process.env, ...given, TT_CRASH_AT: `${point}` },
      stdio: 'ignore',
    })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    const which = await opening()
    expect(which).toHaveLength(1)
    seen.push(`${signal ?? code} ${which[0]}`)
    if (signal === null) break
  }
  // Killed before its commit, killed after it, and then run again to its end.
  expect(new Set(seen)).toEqual(new Set(['SIGKILL old', 'SIGKILL new', '0 new']))
  expect(seen.at(-1)).toBe('0 new')
  for (const name of ['ledger.db', 'ledger.db-wal'].map((one) => join(folder, one)))
    for (const secret of ['sk-canary-1', OLD, NEW])
      expect(readIfThere(name).includes(secret), `${secret} in ${name}`).toBe(false)
}, 60_000)

test('S44: a rotation may be run again, and leaves no credential that only the old secret opens', async () => {
  const { configuration, file, opening } = await installation()
  expect(await opening()).toEqual(['old'])
  const rotated = await rotateSecret(configuration, file)
  expect(rotated).toEqual({ database: expect.stringContaining('ledger.db'), secret: 'APP_SECRET_KEY' })
  expect(await rotateSecret(configuration, file)).toEqual(rotated)
  expect(await opening()).toEqual(['new'])
})

test('S44: a rotation from another secret, or to none, changes nothing and says why in one line', async () => {
  const { configuration, file, folder, opening } = await installation()
  const refused = async (given: Partial<typeof configuration>, from: string, why: RegExp) => {
    await expect(rotateSecret({ ...configuration, ...given }, from)).rejects.toThrow(why)
    expect(await opening()).toEqual(['old'])
  }
  const wrong = { appSecretKey: 'b2a15640d8e2b7c10718f60718e5d4c3' }
  await refused(wrong, file, /^\S+ledger\.db was begun under another secret than the one in APP_SECRET_KEY, [^\n]+$/)
  await refused({ appSecretKey: undefined }, file, /secret is not there: it is made by the first start\.$/)
  await refused({ appSecretKey: NEW }, file, /has the secret that is in APP_SECRET_KEY already/)
  await refused({}, join(folder, 'none'), /none cannot be read \(ENOENT\)\.$/)
  const short = join(folder, 'short')
  writeFileSync(short, 'x\n')
  await refused({}, short, /short: APP_SECRET_KEY is shorter than 32 characters/)
})

test('S44: where the secret is a file of the data folder, the new one takes its place', async () => {
  const { configuration, file, folder, opening } = await installation({})
  writeFileSync(join(folder, 'secret'), `${OLD}\n`)
  expect((await rotateSecret(configuration, file)).secret).toBe(join(folder, 'secret'))
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe(`${OLD}\n`)
  expect(await opening()).toEqual(['new'])
})

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
