import type { DatabaseSync } from 'node:sqlite'
import type { AccountAnswer, AccountPlan, Identity, Key } from '../../core/account.ts'
import { counterOf } from '../../core/counter.ts'
import type { Limit } from '../../core/limit.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import { keyFrom, keyValues, limitFrom, limitValues, thresholdsText, userFrom } from '../rows/account-rows.ts'
import type { Row, Value } from '../rows/columns.ts'
import { NO_PAST, type Past } from '../rows/past.ts'
import { isReadBeside } from '../rows/window-cells.ts'
import { placeholders } from './insert.ts'
import type { PastReader } from './past-reader.ts'
import { counterSeed } from './seed.ts'
import { answering, type Transactions } from './transaction.ts'

export interface AccountStoreOptions {
  readonly database: DatabaseSync
  readonly transactions: Transactions
  readonly past: PastReader
  readonly nowMs: () => number
}

export function sqliteAccountStore({ database, transactions, past: reader, nowMs }: AccountStoreOptions): AccountStore {
  const { reached } = transactions
  const seed = counterSeed(database, nowMs, reached)
  const all = { readBigInts: true }
  const selectTenant = database.prepare('SELECT version FROM tenants WHERE tenant_id = ?')
  const insertTenant = database.prepare('INSERT INTO tenants (tenant_id, version) VALUES (?, 1) ON CONFLICT DO NOTHING')
  const raiseVersion = database.prepare('UPDATE tenants SET version = version + 1 WHERE tenant_id = ?')
  const selectUser = database.prepare('SELECT * FROM users WHERE tenant_id = ? AND user_id = ?', all)
  const insertUser = database.prepare('INSERT INTO users (tenant_id, user_id, created_at_ms) VALUES (?, ?, ?)')
  // By that index or not at all: reading the row of a revoked key would take longer than finding none (S07).
  const selectKeyByHash = database.prepare(
    'SELECT * FROM keys INDEXED BY keys_alive WHERE hash = ? AND revoked_at_ms IS NULL',
    all,
  )
  const selectKey = database.prepare('SELECT * FROM keys WHERE tenant_id = ? AND key_id = ?', all)
  const insertKey = database.prepare(`
    INSERT INTO keys (tenant_id, key_id, user_id, name, hash, last4, created_at_ms, revoked_at_ms)
    VALUES ${placeholders(8)}`)
  const revokeKey = database.prepare(
    'UPDATE keys SET revoked_at_ms = coalesce(revoked_at_ms, ?) WHERE tenant_id = ? AND key_id = ?',
  )
  // Three searches of the key. With OR, or in an order, SQLite would scan all the tenant's limits, at each call.
  const selectLimitsOf = database.prepare(
    `SELECT * FROM limits WHERE tenant_id = ?1 AND scope_kind IN ('tenant', 'provider', 'model', 'label')
     UNION ALL SELECT * FROM limits WHERE tenant_id = ?1 AND scope_kind = 'user' AND scope_id = ?2
     UNION ALL SELECT * FROM limits WHERE tenant_id = ?1 AND scope_kind = 'key' AND scope_id = ?3`,
    all,
  )
  const selectLimit = database.prepare('SELECT * FROM limits WHERE tenant_id = ? AND limit_id = ?', all)
  const selectSameLimit = database.prepare(
    `SELECT * FROM limits WHERE tenant_id = ? AND scope_kind = ? AND scope_id = ? AND metric = ?
     AND window_kind = ? AND window_unit = ? AND window_zone = ?`,
    all,
  )
  const insertLimit = database.prepare(`
    INSERT INTO limits (tenant_id, limit_id, scope_kind, scope_id, metric, window_kind, window_unit, window_zone, amount,
      mode, thresholds)
    VALUES ${placeholders(11)}`)
  const updateLimit = database.prepare(
    'UPDATE limits SET amount = ?, mode = ?, thresholds = ? WHERE tenant_id = ? AND limit_id = ?',
  )
  const selectSetting = database.prepare('SELECT value FROM settings WHERE name = ?')
  const insertSetting = database.prepare('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const updateSetting = database.prepare('UPDATE settings SET value = ? WHERE name = ? AND value = ?')

  function identity(keyHash: string): Identity | undefined {
    const row = selectKeyByHash.get(keyHash) as Row | undefined
    const key = row && keyFrom(row)
    if (!key) return undefined
    const user = selectUser.get(key.tenantId, key.userId) as Row | undefined
    const version = versionOf(key.tenantId)
    if (!user || version === undefined) return undefined
    const limits = selectLimitsOf.all(key.tenantId, key.userId, key.id).map((limit) => limitFrom(limit as Row))
    limits.sort((a, b) => (a.id < b.id ? -1 : 1))
    return { tenant: { id: key.tenantId, version }, user: userFrom(user), key, limits }
  }

  function versionOf(tenantId: string): number | undefined {
    return (selectTenant.get(tenantId) as { version: number } | undefined)?.version
  }

  /** What its new limits start from, where that takes long. A limit that is there is never taken away, and needs none. */
  async function pastFor({ tenantId, putLimits }: AccountPlan): Promise<Past> {
    const { limits, atMs } = putLimits ?? { limits: [], atMs: 0 }
    const long = limits.filter((limit) => isReadBeside(counterOf(limit, atMs)))
    const fresh = await answering(() => long.filter(({ id }) => !selectLimit.get(tenantId, id)))
    return fresh.length === 0 ? NO_PAST : reader.read(fresh.map((limit) => counterOf(limit, atMs)))
  }

  function commit(plan: AccountPlan, past: Past): AccountAnswer {
    if (versionOf(plan.tenantId) !== plan.expectVersion) return { kind: 'stale' }
    const refusal = accountRefusal(plan)
    if (refusal) return refusal
    const { createUser, createKey, revokeKey: revoke, putLimits } = plan
    if (createUser) {
      insertUser.run(plan.tenantId, createUser.id, createUser.createdAtMs)
      reached('user created')
    }
    if (createKey) {
      insertKey.run(...keyValues(createKey))
      reached('key created')
    }
    if (revoke) {
      revokeKey.run(revoke.atMs, plan.tenantId, revoke.id)
      reached('key revoked')
    }
    for (const limit of putLimits?.limits ?? []) putLimit(limit, putLimits!.atMs, past)
    raiseVersion.run(plan.tenantId)
    reached('version raised')
    return { kind: 'committed', version: plan.expectVersion + 1 }
  }

  function accountRefusal({ tenantId, createUser, createKey, revokeKey: revoke, putLimits }: AccountPlan) {
    if (createUser && selectUser.get(tenantId, createUser.id)) return { kind: 'exists' } as const
    if (createKey && isKeyThere(tenantId, createKey)) return { kind: 'exists' } as const
    if ((putLimits?.limits ?? []).some(isAnother)) return { kind: 'exists' } as const
    if (createKey && createKey.userId !== createUser?.id && !selectUser.get(tenantId, createKey.userId))
      return { kind: 'missing' } as const
    if (revoke && !selectKey.get(tenantId, revoke.id)) return { kind: 'missing' } as const
    return undefined
  }

  function isKeyThere(tenantId: string, key: Key): boolean {
    return Boolean(selectKey.get(tenantId, key.id) ?? selectKeyByHash.get(key.hash))
  }

  /** Whether a limit of that id counts something else, or one of another id counts the same. */
  function isAnother(limit: Limit): boolean {
    const [tenantId, id, ...counted] = limitValues(limit).slice(0, 8) as [Value, Value, ...Value[]]
    const sameId = selectLimit.get(tenantId, id) as Row | undefined
    const same = selectSameLimit.get(tenantId, ...counted) as Row | undefined
    return sameId?.limit_id !== same?.limit_id
  }

  function putLimit(limit: Limit, atMs: number, past: Past): void {
    // A limit that is there has been counting all along: only what it binds to changes.
    const { tenantId, id, amount, mode } = limit
    if (updateLimit.run(amount, mode, thresholdsText(limit), tenantId, id).changes === 1) {
      reached('limit changed')
      return
    }
    insertLimit.run(...limitValues(limit))
    reached('limit created')
    seed(limit, atMs, past)
  }

  return {
    // The key, its user, the version and the limits must be of one instant.
    identity: async (keyHash) => transactions.read(() => identity(keyHash)),
    async tenant(id) {
      const version = await answering(() => versionOf(id))
      if (version !== undefined) return { id, version }
      return transactions.write(() => {
        insertTenant.run(id)
        reached('tenant created')
        return { id, version: versionOf(id)! }
      })
    },
    user: (tenantId, id) =>
      answering(() => {
        const row = selectUser.get(tenantId, id)
        return row && userFrom(row as Row)
      }),
    async commit(plan) {
      const past = await pastFor(plan)
      return transactions.write(() => commit(plan, past))
    },
    setting: (name) => answering(() => (selectSetting.get(name) as { value: string } | undefined)?.value),
    keepSetting: (name, value) =>
      transactions.write(() => {
        insertSetting.run(name, value)
        reached('setting kept')
        return (selectSetting.get(name) as { value: string }).value
      }),
    replaceSetting: (name, value, seen) =>
      transactions.write(() => {
        const { changes } = seen === undefined ? insertSetting.run(name, value) : updateSetting.run(value, name, seen)
        reached('setting replaced')
        return changes === 1
      }),
  }
}
