import type { AccountAnswer, AccountPlan, Identity } from '../../core/account.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Limit } from '../../core/limit.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import { keyDrafts, keyIn, userDraft, userIn } from './account-rows.ts'
import { numberOf, text, textOf, whole } from './attributes.ts'
import { answering, ITEMS_PER_TRANSACTION } from './commit.ts'
import type { Connection } from './connection.ts'
import {
  ACCOUNTS_WRITER,
  COPIES,
  type Key,
  keyHashKey,
  keyKey,
  keyText,
  limitsKey,
  settingKey,
  tenantKey,
  tenantRowKey,
  userKey,
  usersTableKey,
  writerKey,
} from './keys.ts'
import { limitsDraft, limitsIn } from './limit-items.ts'
import { operationDraft } from './operation.ts'
import type { counterSeed } from './seed.ts'
import { ABSENT, type Condition, type Draft } from './transaction.ts'

export interface AccountStoreOptions {
  readonly connection: Connection
  /** Finishes what is left of a tenant's last change of limits. */
  readonly finish: ReturnType<typeof counterSeed>
  readonly reached: (point: string) => void
}

const COPY_NUMBERS = Array.from({ length: COPIES }, (_, copy) => copy)
/** People can see what changed: the watermark counts it. */
const CHANGED: Draft = { kind: 'update', key: writerKey(ACCOUNTS_WRITER), add: { commits: whole(1) } }

export function dynamoAccountStore({ connection, finish, reached }: AccountStoreOptions): AccountStore {
  async function versionOf(tenantId: string): Promise<number | undefined> {
    const item = await connection.get(tenantKey(tenantId, 0))
    return item && numberOf(item, 'version')
  }

  async function limitsAt(keys: readonly Key[]): Promise<Limit[]> {
    const items = await connection.getMany(keys)
    return [...items.values()].flatMap(limitsIn)
  }

  async function identity(keyHash: string): Promise<Identity | undefined> {
    const item = await connection.get(keyHashKey(keyHash))
    const key = item && keyIn(item)
    if (!key || key.revokedAtMs !== null) return undefined
    const { tenantId, userId } = key
    // Between two readings of one version nothing of the tenant was changed.
    for (;;) {
      const version = await versionOf(tenantId)
      const [user, shared, own] = await Promise.all([
        connection.get(userKey(tenantId, userId)),
        connection.partition(limitsKey(tenantId, { kind: 'tenant', id: '' }).pk, 'all#'),
        limitsAt([limitsKey(tenantId, { kind: 'user', id: userId }), limitsKey(tenantId, { kind: 'key', id: key.id })]),
      ])
      const [current, after] = await Promise.all([connection.get(keyHashKey(keyHash)), versionOf(tenantId)])
      if (version !== after) continue
      if (!user || version === undefined || !current || keyIn(current).revokedAtMs !== null) return undefined
      const limits = [...shared.flatMap(limitsIn), ...own].toSorted(byId)
      return { tenant: { id: tenantId, version }, user: userIn(user), key, limits }
    }
  }

  async function commit(plan: AccountPlan): Promise<AccountAnswer> {
    const { tenantId, expectVersion, createUser, createKey, revokeKey, putLimits } = plan
    answering(() => reached('begun'))
    await finish(tenantId)
    if ((await versionOf(tenantId)) !== expectVersion) return { kind: 'stale' }
    const there = await connection.getMany([
      ...(createUser ? [userKey(tenantId, createUser.id)] : []),
      ...(createKey
        ? [keyKey(tenantId, createKey.id), keyHashKey(createKey.hash), userKey(tenantId, createKey.userId)]
        : []),
      ...(revokeKey ? [keyKey(tenantId, revokeKey.id)] : []),
    ])
    const isThere = (key: Key) => there.has(keyText(key))
    const limits = putLimits ? await limitsOf(connection, tenantId) : []
    if (createUser && isThere(userKey(tenantId, createUser.id))) return { kind: 'exists' }
    if (createKey && (isThere(keyKey(tenantId, createKey.id)) || isThere(keyHashKey(createKey.hash))))
      return { kind: 'exists' }
    if (putLimits?.limits.some((limit) => isAnother(limit, limits))) return { kind: 'exists' }
    if (createKey && createKey.userId !== createUser?.id && !isThere(userKey(tenantId, createKey.userId)))
      return { kind: 'missing' }
    const revoked = revokeKey && there.get(keyText(keyKey(tenantId, revokeKey.id)))
    if (revokeKey && !revoked) return { kind: 'missing' }
    const drafts = [
      ...COPY_NUMBERS.map((copy) => raised(tenantId, copy, expectVersion)),
      CHANGED,
      ...(createUser ? [userDraft(createUser)] : []),
      ...(createKey ? keyDrafts(createKey, { isNew: true }) : []),
      ...(revoked ? revoking(keyIn(revoked), revokeKey.atMs) : []),
      ...(putLimits ? limitDrafts(tenantId, limits, putLimits) : []),
    ]
    if (drafts.length > ITEMS_PER_TRANSACTION)
      throw new StoreUnavailable(`A change of ${drafts.length} items is more than DynamoDB commits at once.`)
    answering(() => reached('thought through'))
    if ((await done(drafts)) === 'refused') return { kind: 'stale' }
    reached('committed')
    if (putLimits) await finish(tenantId)
    return { kind: 'committed', version: expectVersion + 1 }
  }

  /** A commit that answers by itself whether it happened. */
  async function done(drafts: readonly Draft[]): Promise<'done' | 'refused'> {
    answering(() => reached('sending'))
    const outcome = await connection.transact(drafts)
    if (outcome.kind === 'unknown') throw outcome.error
    return outcome.kind
  }

  return {
    identity,
    async tenant(id) {
      const version = await versionOf(id)
      if (version !== undefined) return { id, version }
      answering(() => reached('begun'))
      const copies = COPY_NUMBERS.map((copy): Draft => ({
        ...{ kind: 'put', key: tenantKey(id, copy) },
        ...{ item: { version: whole(1) }, conditions: ABSENT },
      }))
      const outcome = await done([...copies, { kind: 'put', key: tenantRowKey(id), item: {} }, CHANGED])
      if (outcome === 'done') reached('committed')
      return { id, version: (await versionOf(id))! }
    },
    async user(tenantId, id) {
      const item = await connection.get(userKey(tenantId, id))
      return item && userIn(item)
    },
    commit,
    async setting(name) {
      const item = await connection.get(settingKey(name))
      return item && textOf(item, 'value')
    },
    async keepSetting(name, value) {
      const key = settingKey(name)
      answering(() => reached('begun'))
      const outcome = await done([{ kind: 'put', key, item: { value: text(value) }, conditions: ABSENT }])
      if (outcome === 'done') reached('committed')
      return outcome === 'done' ? value : textOf((await connection.get(key))!, 'value')
    },
    async replaceSetting(name, value, seen) {
      const conditions: readonly Condition[] =
        seen === undefined ? ABSENT : [{ kind: 'equals', name: 'value', value: text(seen) }]
      answering(() => reached('begun'))
      const outcome = await done([{ kind: 'put', key: settingKey(name), item: { value: text(value) }, conditions }])
      if (outcome === 'done') reached('committed')
      return outcome === 'done'
    },
  }
}

/** All limits of a tenant. */
export async function limitsOf(connection: Connection, tenantId: string): Promise<Limit[]> {
  const items = await connection.partition(limitsKey(tenantId, { kind: 'tenant', id: '' }).pk)
  return items.flatMap(limitsIn).toSorted(byId)
}

function raised(tenantId: string, copy: number, version: number): Draft {
  return {
    kind: 'put',
    key: tenantKey(tenantId, copy),
    item: { version: whole(version + 1) },
    conditions: [{ kind: 'equals', name: 'version', value: whole(version) }],
  }
}

function revoking(key: ReturnType<typeof keyIn>, atMs: number): Draft[] {
  return keyDrafts({ ...key, revokedAtMs: key.revokedAtMs ?? atMs }, { isNew: false })
}

/** Whether a limit of that id counts something else, or one of another id counts the same. */
function isAnother(limit: Limit, limits: readonly Limit[]): boolean {
  return limits.some((other) => (other.id === limit.id) !== (counted(other) === counted(limit)))
}

/** What a limit counts: two limits that agree in it are the same limit. */
function counted({ scope, metric, window }: Limit): string {
  const { unit, zone } = window.kind === 'calendar' ? window : { unit: '', zone: '' }
  return JSON.stringify([scope.kind, scope.id, metric, window.kind, unit, zone])
}

/** The items of all scopes whose limits change, users' limits in their own table, and what is then to be filled. */
function limitDrafts(
  tenantId: string,
  before: readonly Limit[],
  given: NonNullable<AccountPlan['putLimits']>,
): Draft[] {
  const after = new Map(before.map((limit) => [limit.id, limit]))
  for (const limit of given.limits) after.set(limit.id, limit)
  const scopeOf = ({ scope }: Limit) => keyText(limitsKey(tenantId, scope))
  const changed = new Set(given.limits.map(scopeOf))
  const scopes = Map.groupBy(
    [...after.values()].filter((limit) => changed.has(scopeOf(limit))),
    scopeOf,
  )
  const known = new Set(before.map(({ id }) => id))
  const fresh = [...new Map(given.limits.map((limit) => [limit.id, limit])).values()].filter(({ id }) => !known.has(id))
  return [
    ...[...scopes.values()].map(limitsDraft),
    ...given.limits.filter(isTokenLimit).map(tokenLimitDraft),
    ...(fresh.length > 0 ? [operationDraft(tenantId, fresh, given.atMs)] : []),
  ]
}

/** The limit that the users' table shows. */
export function isTokenLimit({ scope, metric, window }: Limit): boolean {
  return scope.kind === 'user' && metric === 'tokens' && window.kind === 'lifetime'
}

export function tokenLimitDraft({ tenantId, scope, amount }: Limit): Draft {
  const tokenLimit = amount === null ? { NULL: true as const } : whole(amount)
  return { kind: 'update', key: usersTableKey(tenantId, scope.id), set: { tokenLimit } }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
