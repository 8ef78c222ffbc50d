import { describe, expect, test } from 'vitest'
import { PublicError } from '../core/errors.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openAccounts } from './accounts.ts'
import { openCredentials } from './credentials.ts'
import { openSecrets } from './secrets.ts'
import { readSession } from './session.ts'
import { changeVault, openVault, type Vault } from './vault.ts'

const [OLD, NEW] = ['the secret it began with', 'the secret after it']
const same = (vault: Vault) => vault

function openFixture({ stores = referenceStore(), secret = OLD } = {}) {
  const store = stores.accounts
  const concealed: string[] = []
  const conceal = (value: string) => void concealed.push(value)
  return { stores, store, concealed, credentials: openCredentials({ store, secret, conceal, now: () => 5 }) }
}

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  if (!(error instanceof PublicError)) throw new Error('was not refused', { cause: error })
  return error.body
}

describe('credentials', () => {
  test('S44: are kept sealed and concealed, listed by name, replaced and deleted', async () => {
    const { store, credentials, concealed } = openFixture()
    expect(await credentials.list()).toEqual([])
    expect(await credentials.put('OPENAI_API_KEY', 'sk-1')).toEqual({ name: 'OPENAI_API_KEY', putAtMs: 5 })
    await credentials.put('ANTHROPIC_API_KEY', 'sk-2')
    await credentials.put('OPENAI_API_KEY', 'sk-3')
    expect(await credentials.list()).toEqual([
      { name: 'ANTHROPIC_API_KEY', putAtMs: 5 },
      { name: 'OPENAI_API_KEY', putAtMs: 5 },
    ])
    expect((await openVault(store, OLD))?.credentials['OPENAI_API_KEY']?.value).toBe('sk-3')
    expect(concealed).toEqual(['sk-1', 'sk-2', 'sk-3'])
    expect(await store.setting('vault')).not.toMatch(/OPENAI|sk-/)
    await credentials.delete('OPENAI_API_KEY')
    expect((await credentials.list()).map(({ name }) => name)).toEqual(['ANTHROPIC_API_KEY'])
  })

  test('what cannot be one is refused by name, and never told again', async () => {
    const { store, credentials } = openFixture()
    for (const name of ['', 'a-b', '1A', 'A B', 'A'.repeat(101), '${A}', 'é'])
      expect(await refusal(credentials.put(name, 'x'))).toMatchObject({ code: 'invalid_field', field: 'name' })
    for (const value of ['', 'a b', 'a\nb', 'é', '\u0000', 'canary'.repeat(400)]) {
      const { code, field, message } = await refusal(credentials.put('A', value))
      expect([code, field]).toEqual(['invalid_field', 'value'])
      expect(message).not.toContain('canary')
    }
    for (const name of ['A', 'constructor', '__proto__'])
      expect(await refusal(credentials.delete(name))).toMatchObject({ code: 'not_found' })
    expect(await store.setting('vault')).toBeUndefined()
  })

  test('names that every object has are names like any other', async () => {
    const { credentials } = openFixture()
    for (const name of ['__proto__', 'constructor', 'toString']) await credentials.put(name, 'x')
    expect((await credentials.list()).map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'toString'])
    await credentials.delete('__proto__')
    expect(await refusal(credentials.delete('__proto__'))).toMatchObject({ code: 'not_found' })
  })

  test('64 are the most; one of them can still be replaced', async () => {
    const { credentials } = openFixture()
    for (let index = 0; index < 64; index++) await credentials.put(`A${index}`, 'x')
    expect(await refusal(credentials.put('B', 'x'))).toMatchObject({ code: 'conflict' })
    await credentials.put('A1', 'y')
    expect(await credentials.list()).toHaveLength(64)
  })

  test('S44: of many processes that change them at once, none loses what another did', async () => {
    const { stores } = openFixture()
    const processes = Array.from({ length: 20 }, () => openFixture({ stores }).credentials)
    await Promise.all(processes.map((one, index) => one.put(`A${index}`, 'x')))
    await Promise.all(processes.slice(0, 10).map((one, index) => one.delete(`A${index}`)))
    expect(await processes[0]!.list()).toHaveLength(10)
  })

  test('S44: a change that another one overtakes is made again of what is there then', async () => {
    const { stores, store, credentials } = openFixture()
    let overtaken = 0
    const slow = {
      ...store,
      // Asked after the vault was read, and before it is replaced.
      async keepSetting(name: string, value: string) {
        if (overtaken++ === 0) await credentials.put('FIRST', 'x')
        return store.keepSetting(name, value)
      },
    }
    await openFixture({ stores: { ...stores, accounts: slow } }).credentials.put('SECOND', 'x')
    expect((await credentials.list()).map(({ name }) => name)).toEqual(['FIRST', 'SECOND'])
  })
})

describe('a rotation', () => {
  test('S44: is one step: before it the old secret opens all, after it the new one does, and the old one nothing', async () => {
    const { store, credentials } = openFixture()
    await credentials.put('OPENAI_API_KEY', 'sk-1')
    const steps: string[] = []
    const watched = {
      ...store,
      replaceSetting: (...given: Parameters<typeof store.replaceSetting>) => (
        steps.push(given[0]),
        store.replaceSetting(...given)
      ),
    }
    const before = await openVault(store, OLD)
    expect(await openVault(store, NEW)).toBeUndefined()
    expect(await changeVault(watched, OLD, same, NEW)).toEqual(before)
    expect(steps).toEqual(['vault'])
    expect(await openVault(store, NEW)).toEqual(before)
    expect(await openVault(store, OLD)).toBeUndefined()
    expect(await changeVault(store, OLD, same, 'a third')).toBeUndefined()
  })

  test('S44: a wrong secret rotates nothing, with a vault or without one', async () => {
    const { store, credentials } = openFixture()
    expect(await openVault(store, OLD)).toMatchObject({ hashing: OLD })
    expect(await changeVault(store, 'wrong', same, NEW)).toBeUndefined()
    expect(await store.setting('vault')).toBeUndefined()
    await credentials.put('OPENAI_API_KEY', 'sk-1')
    expect(await changeVault(store, 'wrong', same, NEW)).toBeUndefined()
    expect(await credentials.list()).toHaveLength(1)
  })

  test('S44: a server that began before it goes on, and is told to restart where it would read or change what is sealed', async () => {
    const { store, credentials } = openFixture()
    await changeVault(store, OLD, same, NEW)
    const told = { code: 'conflict', message: expect.stringContaining('restart it with the new one') }
    expect(await refusal(credentials.list())).toMatchObject(told)
    expect(await refusal(credentials.put('A', 'x'))).toMatchObject(told)
    expect(await refusal(credentials.delete('A'))).toMatchObject(told)
    expect(await openVault(store, NEW)).toMatchObject({ credentials: {} })
  })

  test('S44: beside changes loses none that was answered', async () => {
    const { store, credentials } = openFixture()
    const puts = Array.from({ length: 20 }, (_, index) =>
      credentials.put(`A${index}`, 'x').then(
        ({ name }) => [name],
        () => [],
      ),
    )
    const [, ...put] = await Promise.all([changeVault(store, OLD, same, NEW), ...puts])
    expect(Object.keys((await openVault(store, NEW))!.credentials).toSorted()).toEqual(put.flat().toSorted())
  })

  test('S44: keys and the administrator’s secret go on; sessions end, and nobody with the old secret can make one', async () => {
    const { stores, store } = openFixture()
    const openAs = async (secret: string) => {
      const secrets = openSecrets(secret, (await openVault(store, secret))!.hashing)
      return { secrets, ...(await openAccounts({ store, reports: stores.reports, secrets, now: () => 5 })) }
    }
    const before = await openAs(OLD)
    await before.createUser('default', 'ann', null)
    const { secret: key } = await before.createKey('default', 'ann', 'laptop')
    await changeVault(store, OLD, same, NEW)
    const after = await openAs(NEW)
    expect(await after.identify(key)).toMatchObject({ user: { id: 'ann' } })
    expect(after.isAdministrator(before.newAdministratorSecret!)).toBe(true)
    expect(after.newAdministratorSecret).toBeUndefined()
    const { token } = before.startSession('default')
    expect(readSession(before.secrets, token, 5)).toBeDefined()
    expect(after.readSession(token)).toBeUndefined()
    expect(after.cursors.open('default', 'users', before.cursors.seal('default', 'users', 'ann'))).toBeUndefined()
  })
})
