import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountPlan } from '../core/account.ts'
import { PublicError, StoreUnavailable } from '../core/errors.ts'
import { type Limit, METRICS, SCOPES } from '../core/limit.ts'
import { CALENDAR_UNITS } from '../core/window.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openAccounts } from './accounts.ts'
import { isSameInstallation } from './administrator.ts'
import { limitOf } from './limits.ts'
import { openSecrets } from './secrets.ts'
import { readSession, SESSION_MS, sessionToken } from './session.ts'

const T = 'default'

async function openFixture({ secret = 'an installation secret', stores = referenceStore(), unreachedMs = 0 } = {}) {
  const plans: AccountPlan[] = []
  const asked: string[] = []
  const clock = { nowMs: 1_800_000_000_000, isAway: false }
  const store = {
    ...stores.accounts,
    commit: (plan: AccountPlan) => (plans.push(plan), stores.accounts.commit(plan)),
    async identity(hash: string) {
      asked.push(hash)
      if (clock.isAway) throw new StoreUnavailable('nobody answers')
      return stores.accounts.identity(hash)
    },
  }
  const now = () => clock.nowMs
  const accounts = await openAccounts({
    ...{ store, reports: stores.reports, secrets: openSecrets(secret), now, unreachedMs },
  })
  return { accounts, stores, plans, asked, clock }
}

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PublicError)) throw new Error('was not refused', { cause: error })
  return error.body
}

describe('keys', () => {
  test('S04: of a key only its keyed hash and last four characters are stored, and the hash opens nothing', async () => {
    const { accounts, plans } = await openFixture()
    await accounts.createUser(T, 'alice', null)
    const { key, secret } = await accounts.createKey(T, 'alice', 'laptop')
    expect(secret).toMatch(/^tt_[A-Za-z0-9_-]{43}$/)
    const stored = JSON.stringify(plans, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
    expect(stored).toContain(key.hash)
    expect(stored).not.toContain(secret.slice(3))
    expect(key.last4).toBe(secret.slice(-4))
    expect((await accounts.identify(secret))?.user.id).toBe('alice')
    for (const stolen of [key.hash, `tt_${key.hash}`, `tt_${key.hash.slice(0, 43)}`])
      expect(await accounts.identify(stolen)).toBeUndefined()
  })

  test('S04: the hash is keyed: under another secret of the installation, a key is nobody’s', async () => {
    const { accounts, stores } = await openFixture()
    await accounts.createUser(T, 'alice', null)
    const { secret } = await accounts.createKey(T, 'alice', 'laptop')
    const other = await openFixture({ secret: 'another installation secret', stores })
    expect(await other.accounts.identify(secret)).toBeUndefined()
    expect(await isSameInstallation(stores.accounts, openSecrets('a'))).toBe(true)
    expect(await isSameInstallation(stores.accounts, openSecrets('b'))).toBe(false)
  })

  test('what is no key is refused without asking the store', async () => {
    const { accounts, asked } = await openFixture()
    for (const junk of ['', "' OR 1=1--", 'x'.repeat(10_000), `tt_${'é'.repeat(43)}`, `tt_${'a'.repeat(44)}`])
      expect(await accounts.identify(junk)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('a known key is asked for once, also by calls that come together, and again after a change', async () => {
    const { accounts, asked, clock } = await openFixture()
    await accounts.createUser(T, 'alice', 10n)
    const { secret } = await accounts.createKey(T, 'alice', 'laptop')
    await Promise.all([accounts.identify(secret), accounts.identify(secret)])
    await accounts.identify(secret)
    expect(asked).toHaveLength(1)
    await accounts.setTokenLimit(T, 'alice', 20n)
    expect((await accounts.identify(secret))?.limits.map(({ amount }) => amount)).toEqual([20n])
    expect(asked).toHaveLength(2)
    clock.nowMs += 60_000
    await accounts.identify(secret)
    expect(asked).toHaveLength(3)
  })

  test('an identity that was forgotten while it was read is not remembered', async () => {
    const { accounts, asked } = await openFixture()
    await accounts.createUser(T, 'alice', 10n)
    const { secret } = await accounts.createKey(T, 'alice', 'laptop')
    const reading = accounts.identify(secret)
    accounts.forget(T)
    await reading
    await accounts.identify(secret)
    expect(asked).toHaveLength(2)
  })

  test('F17: while the store is away, a key is believed for as long as it may be, and never one that is unknown or revoked', async () => {
    const { accounts, asked, clock } = await openFixture({ unreachedMs: 900_000 })
    await accounts.createUser(T, 'alice', null)
    const [known, revoked, unseen] = await Promise.all(
      ['a', 'b', 'c'].map((name) => accounts.createKey(T, 'alice', name)),
    )
    await accounts.identify(revoked!.secret)
    await accounts.revokeKey(T, revoked!.key.id)
    await accounts.identify(known!.secret)
    clock.isAway = true
    clock.nowMs += 899_999
    expect(await accounts.identify(known!.secret)).toMatchObject({ key: { id: known!.key.id } })
    const before = asked.length
    await accounts.identify(known!.secret)
    expect(asked).toHaveLength(before)
    for (const { secret } of [revoked!, unseen!])
      await expect(accounts.identify(secret)).rejects.toThrow('nobody answers')
    clock.nowMs += 1
    await expect(accounts.identify(known!.secret)).rejects.toThrow('nobody answers')
    clock.isAway = false
    expect(await accounts.identify(known!.secret)).toBeDefined()
  })

  test('a revoked key is refused from the next call on; revoking again changes nothing', async () => {
    const { accounts, plans } = await openFixture()
    await accounts.createUser(T, 'alice', null)
    const { key, secret } = await accounts.createKey(T, 'alice', 'laptop')
    expect(await accounts.identify(secret)).toBeDefined()
    await accounts.revokeKey(T, key.id)
    expect(await accounts.identify(secret)).toBeUndefined()
    const before = plans.length
    await accounts.revokeKey(T, key.id)
    expect(plans).toHaveLength(before)
    expect(await refusal(accounts.revokeKey(T, 'key_nobody'))).toMatchObject({ code: 'not_found' })
    expect(await refusal(accounts.createKey(T, 'nobody', 'x'))).toMatchObject({ code: 'not_found', field: 'userId' })
  })
})

describe('users', () => {
  test('B03: an id is kept exactly as it came, or refused by the rule', async () => {
    const { accounts, stores } = await openFixture()
    const anId = fc.oneof(
      fc.array(fc.nat(0x10ffff), { maxLength: 250 }).map((points) => String.fromCodePoint(...points)),
      fc.string({ maxLength: 250 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '../',
        '%2e%2e',
        "'; DROP TABLE users; --",
        '=1+1',
        '👩‍👩‍👧',
        '‮evil',
        ' a ',
      ),
    )
    await fc.assert(
      fc.asyncProperty(anId, async (id) => {
        const before = await stores.reports.user(T, id)
        try {
          await accounts.createUser(T, id, 0n)
        } catch (error) {
          const { code } = (error as PublicError).body
          expect(code).toBe(before ? 'conflict' : 'invalid_field')
          if (before) return
          const characters = Array.from(id).length
          const isBad =
            characters > 200 ||
            id.trim() === '' ||
            /\p{Cc}/u.test(id) ||
            id === '.' ||
            id === '..' ||
            !id.isWellFormed()
          expect(isBad || id !== id.normalize('NFC') || /^\p{White_Space}*$/u.test(id)).toBe(true)
          return
        }
        expect((await stores.reports.user(T, id))?.id).toBe(id)
      }),
      { numRuns: 150 },
    )
  })

  test('many changes at once all happen, each under the version it was made from', async () => {
    const { accounts, stores } = await openFixture()
    const ids = Array.from({ length: 20 }, (_, n) => `user${n}`)
    await Promise.all(ids.map((id) => accounts.createUser(T, id, 1n)))
    expect(await stores.reports.users(T, { limit: 100 })).toHaveLength(20)
    expect(await refusal(accounts.createUser(T, 'user0', 1n))).toMatchObject({ code: 'conflict', field: 'userId' })
    expect(await refusal(accounts.setTokenLimit(T, 'nobody', 1n))).toMatchObject({ code: 'not_found' })
  })

  test('a user’s token limit is a hard limit for life; 0 and unlimited are different', async () => {
    const { accounts, stores } = await openFixture()
    await accounts.createUser(T, 'none', 0n)
    await accounts.createUser(T, 'free', null)
    const limits = await stores.reports.limits(T)
    expect(limits.map(({ scope, amount, mode, window }) => [scope.id, amount, mode, window.kind])).toEqual(
      expect.arrayContaining([
        ['none', 0n, 'hard', 'lifetime'],
        ['free', null, 'hard', 'lifetime'],
      ]),
    )
  })
})

describe('limits', () => {
  const aWindow = fc.oneof(
    fc.constantFrom({ kind: 'lifetime' } as const, { kind: 'minute' } as const),
    fc.record({
      kind: fc.constant('calendar' as const),
      unit: fc.constantFrom(...CALENDAR_UNITS),
      zone: fc.constantFrom('UTC', 'Europe/Amsterdam'),
    }),
  )
  const aRule = fc.record({
    tenantId: fc.constantFrom('a', 'b'),
    scope: fc.record({ kind: fc.constantFrom(...SCOPES), id: fc.constantFrom('x', 'y', 'x","y') }),
    metric: fc.constantFrom(...METRICS),
    window: aWindow,
  })

  test('the same scope, metric and window are the same limit, and nothing else is', () => {
    fc.assert(
      fc.property(aRule, aRule, (a, b) => {
        const said = { amount: 1n, mode: 'hard' } as const
        const other = { amount: null, mode: 'soft' } as const
        const same = JSON.stringify(partsOf(a)) === JSON.stringify(partsOf(b))
        expect(limitOf({ ...a, ...said }).id === limitOf({ ...b, ...other }).id).toBe(same)
      }),
    )
  })

  test('a limit is put, replaced and lifted; one on somebody who is not there is refused', async () => {
    const { accounts, stores } = await openFixture()
    const rule = { tenantId: T, metric: 'requests', window: { kind: 'minute' }, amount: 5n, mode: 'hard' } as const
    const scope = { kind: 'tenant', id: T } as const
    const { limit, isNew } = await accounts.putLimit({ ...rule, scope })
    expect(isNew).toBe(true)
    expect(await accounts.putLimit({ ...rule, scope, amount: 6n })).toEqual({
      limit: { ...limit, amount: 6n },
      isNew: false,
    })
    await accounts.liftLimit(T, limit.id)
    expect(await stores.reports.limits(T)).toEqual([{ ...limit, amount: null }])
    for (const kind of ['user', 'key', 'tenant'] as const)
      expect(await refusal(accounts.putLimit({ ...rule, scope: { kind, id: 'nobody' } }))).toMatchObject({
        code: 'invalid_field',
        field: 'scope.id',
      })
    expect(await refusal(accounts.liftLimit(T, 'limit_none'))).toMatchObject({ code: 'not_found' })
  })
})

describe('the administrator', () => {
  test('has one secret, made once, whoever starts first; only its hash is kept', async () => {
    const stores = referenceStore()
    const starts = await Promise.all([openFixture({ stores }), openFixture({ stores })])
    const made = starts.map(({ accounts }) => accounts.newAdministratorSecret).filter((secret) => secret !== undefined)
    expect(made).toHaveLength(1)
    const later = await openFixture({ stores })
    expect(later.accounts.newAdministratorSecret).toBeUndefined()
    for (const { accounts } of [...starts, later]) {
      expect(accounts.isAdministrator(made[0]!)).toBe(true)
      expect(accounts.isAdministrator(`${made[0]}x`)).toBe(false)
      expect(accounts.isAdministrator('')).toBe(false)
    }
    const kept = await stores.accounts.setting('administrator')
    expect(kept).not.toContain(made[0])
    expect(later.accounts.isAdministrator(kept!)).toBe(false)
  })

  test('a session ends after twelve hours, and none but ours is believed', async () => {
    const { accounts, clock } = await openFixture()
    const { token, session } = accounts.startSession(T)
    expect(session.expiresAtMs).toBe(clock.nowMs + SESSION_MS)
    expect(accounts.readSession(token)).toEqual({ tenantId: T, expiresAtMs: session.expiresAtMs })
    const [payload, signature] = token.split('.')
    const longer = Buffer.from(JSON.stringify([T, session.expiresAtMs + 1])).toString('base64url')
    const foreign = sessionToken(openSecrets('another secret'), session)
    const bad = ['', '.', payload!, `${payload}.`, `${longer}.${signature}`, `${token}.x`, foreign, 'x'.repeat(10_000)]
    for (const one of bad) expect(accounts.readSession(one)).toBeUndefined()
    clock.nowMs = session.expiresAtMs
    expect(accounts.readSession(token)).toBeUndefined()
    expect(readSession(openSecrets('an installation secret'), token, 0)).toBeDefined()
  })
})

const partsOf = ({ tenantId, scope, metric, window }: Omit<Limit, 'id' | 'amount' | 'mode'>) => [
  tenantId,
  scope.kind,
  scope.id,
  metric,
  window.kind,
  window.kind === 'calendar' && [window.unit, window.zone],
]
