import type { AccountAnswer, AccountPlan, Identity, Key } from '../../core/account.ts'
import { counterOf } from '../../core/counter.ts'
import type { Limit } from '../../core/limit.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import { keyFrom, keyValues, limitFrom, limitValues, thresholdsText, userFrom } from '../rows/account-rows.ts'
import { type Row, text } from '../rows/columns.ts'
import { NO_PAST, type Past } from '../rows/past.ts'
import { isReadBeside } from '../rows/window-cells.ts'
import type { Connection, Connections } from './connection.ts'
import { seedCounter } from './seed.ts'
import { readPast } from './seed-sums.ts'
import type { Transactions } from './transaction.ts'

export interface AccountStoreOptions {
  readonly url: string
  readonly connections: Connections
  readonly transactions: Transactions
  /** The store's clock, for tests; null is the database's own. */
  readonly testMs: () => number | null
}

export function postgresAccountStore({ url, connections, transactions, testMs }: AccountStoreOptions): AccountStore {
  const { write, reached } = transactions

  /** What its new limits start from, where that takes long. A limit that is there is never taken away, and needs none. */
  async function pastFor({ tenantId, putLimits }: AccountPlan): Promise<Past> {
    const { limits, atMs } = putLimits ?? { limits: [], atMs: 0 }
    const long = limits.filter((limit) => isReadBeside(counterOf(limit, atMs)))
    if (long.length === 0) return NO_PAST
    const there = await connections.ask(SELECT_THERE, [tenantId, long.map(({ id }) => id)])
    const ids = new Set(there.map((row) => row.limit_id))
    const keys = long.filter(({ id }) => !ids.has(id)).map((limit) => counterOf(limit, atMs))
    return keys.length === 0 ? NO_PAST : readPast(url, keys)
  }

  async function commit(connection: Connection, plan: AccountPlan, past: Past): Promise<AccountAnswer> {
    // No commit of this tenant is under way from here on: what a new limit starts from is what there is.
    await connection.query(LOCK_TENANT, [plan.tenantId])
    if ((await versionOf(connection, plan.tenantId)) !== plan.expectVersion) return { kind: 'stale' }
    const refusal = await accountRefusal(connection, plan)
    if (refusal) return refusal
    const { tenantId, createUser, createKey, revokeKey, putLimits } = plan
    if (createUser) {
      await connection.query(INSERT_USER, [tenantId, createUser.id, createUser.createdAtMs])
      reached('user created')
    }
    if (createKey) {
      await connection.query(INSERT_KEY, keyValues(createKey))
      reached('key created')
    }
    if (revokeKey) {
      await connection.query(REVOKE_KEY, [revokeKey.atMs, tenantId, revokeKey.id])
      reached('key revoked')
    }
    for (const limit of putLimits?.limits ?? []) await putLimit(connection, limit, putLimits!.atMs, past)
    await connection.query('UPDATE tenants SET version = version + 1 WHERE tenant_id = $1', [tenantId])
    reached('version raised')
    return { kind: 'committed', version: plan.expectVersion + 1 }
  }

  async function putLimit(connection: Connection, limit: Limit, atMs: number, past: Past): Promise<void> {
    // A limit that is there has been counting all along: only what it binds to changes.
    const { tenantId, id, amount, mode } = limit
    const changed = await connection.query(UPDATE_LIMIT, [amount, mode, thresholdsText(limit), tenantId, id])
    if (changed.length === 1) {
      reached('limit changed')
      return
    }
    await connection.query(INSERT_LIMIT, limitValues(limit))
    reached('limit created')
    const [clock] = await connection.query(NOW_MS)
    await seedCounter(connection, limit, { atMs, past, nowMs: testMs() ?? Number(clock!.now_ms), reached })
  }

  return {
    async identity(keyHash) {
      const [row] = await connections.ask(SELECT_IDENTITY, [keyHash])
      return row && identityFrom(row)
    },
    async tenant(id) {
      const [row] = await connections.ask(SELECT_TENANT, [id])
      if (row) return { id, version: Number(row.version) }
      return write(async (connection) => {
        await connection.query('INSERT INTO tenants (tenant_id, version) VALUES ($1, 1) ON CONFLICT DO NOTHING', [id])
        reached('tenant created')
        return { id, version: (await versionOf(connection, id))! }
      })
    },
    async user(tenantId, id) {
      const [row] = await connections.ask(SELECT_USER, [tenantId, id])
      return row && userFrom(row)
    },
    async commit(plan) {
      const past = await pastFor(plan)
      return write((connection) => commit(connection, plan, past))
    },
    async setting(name) {
      const [row] = await connections.ask(SELECT_SETTING, [name])
      return row && text(row.value)
    },
    keepSetting: (name, value) =>
      write(async (connection) => {
        await connection.query(INSERT_SETTING, [name, value])
        reached('setting kept')
        const [row] = await connection.query(SELECT_SETTING, [name])
        return text(row!.value)
      }),
    replaceSetting: (name, value, seen) =>
      write(async (connection) => {
        const rows =
          seen === undefined
            ? await connection.query(INSERT_SETTING, [name, value])
            : await connection.query(UPDATE_SETTING, [name, value, seen])
        reached('setting replaced')
        return rows.length === 1
      }),
  }
}

async function versionOf(connection: Connection, tenantId: string): Promise<number | undefined> {
  const [row] = await connection.query(SELECT_TENANT, [tenantId])
  return row && Number(row.version)
}

async function accountRefusal(
  connection: Connection,
  { tenantId, createUser, createKey, revokeKey, putLimits }: AccountPlan,
): Promise<AccountAnswer | undefined> {
  const isUser = async (id: string) => (await connection.query(SELECT_USER, [tenantId, id])).length > 0
  if (createUser && (await isUser(createUser.id))) return { kind: 'exists' }
  if (createKey && (await isKeyThere(connection, tenantId, createKey))) return { kind: 'exists' }
  for (const limit of putLimits?.limits ?? []) if (await isAnother(connection, limit)) return { kind: 'exists' }
  if (createKey && createKey.userId !== createUser?.id && !(await isUser(createKey.userId))) return { kind: 'missing' }
  if (revokeKey && (await connection.query(SELECT_KEY, [tenantId, revokeKey.id])).length === 0)
    return { kind: 'missing' }
  return undefined
}

async function isKeyThere(connection: Connection, tenantId: string, { id, hash }: Key): Promise<boolean> {
  const rows = await connection.query(
    'SELECT key_id FROM keys WHERE (tenant_id = $1 AND key_id = $2) OR hash = $3 LIMIT 1',
    [tenantId, id, hash],
  )
  return rows.length > 0
}

/** Whether a limit of that id counts something else, or one of another id counts the same. */
async function isAnother(connection: Connection, limit: Limit): Promise<boolean> {
  const [sameId] = await connection.query('SELECT limit_id FROM limits WHERE tenant_id = $1 AND limit_id = $2', [
    ...[limit.tenantId, limit.id],
  ])
  const [tenantId, , ...counted] = limitValues(limit).slice(0, 8)
  const [same] = await connection.query(SELECT_SAME_LIMIT, [tenantId, ...counted])
  return sameId?.limit_id !== same?.limit_id
}

/** One row: the key, its user and its tenant's version, with the limits as JSON, all of one instant. */
function identityFrom(row: Row): Identity {
  const limits = JSON.parse(text(row.limits)) as (Row & { readonly amount: string | null })[]
  return {
    tenant: { id: text(row.tenant_id), version: Number(row.version) },
    user: userFrom({ ...row, created_at_ms: row.user_created_at_ms! }),
    key: keyFrom(row),
    limits: limits.map((limit) => limitFrom({ ...limit, amount: limit.amount === null ? null : BigInt(limit.amount) })),
  }
}

const SELECT_IDENTITY = {
  name: 'identity',
  text: `
    SELECT keys.*, users.created_at_ms AS user_created_at_ms, tenants.version,
      (SELECT coalesce(json_agg(own ORDER BY limit_id), '[]') FROM (
        SELECT limit_id, tenant_id, scope_kind, scope_id, metric, window_kind, window_unit, window_zone,
          amount::text AS amount, mode, thresholds
        FROM limits WHERE tenant_id = keys.tenant_id
          AND (scope_kind IN ('tenant', 'provider', 'model', 'label')
            OR (scope_kind = 'user' AND scope_id = keys.user_id) OR (scope_kind = 'key' AND scope_id = keys.key_id))
      ) AS own) AS limits
    FROM keys JOIN users USING (tenant_id, user_id) JOIN tenants USING (tenant_id)
    WHERE CASE WHEN revoked_at_ms IS NULL THEN hash END = $1`,
}
const LOCK_TENANT = {
  name: 'lock tenant',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('token-trackr tenant ' || $1::text, 0))::text`,
}
const NOW_MS = {
  name: 'now',
  text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
}
const SELECT_TENANT = { name: 'tenant', text: 'SELECT version FROM tenants WHERE tenant_id = $1' }
const SELECT_USER = { name: 'user', text: 'SELECT * FROM users WHERE tenant_id = $1 AND user_id = $2' }
const SELECT_KEY = { name: 'key', text: 'SELECT key_id FROM keys WHERE tenant_id = $1 AND key_id = $2' }
const SELECT_SETTING = { name: 'setting', text: 'SELECT value FROM settings WHERE name = $1' }
const INSERT_SETTING = 'INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name'
const UPDATE_SETTING = 'UPDATE settings SET value = $2 WHERE name = $1 AND value = $3 RETURNING name'
const INSERT_USER = 'INSERT INTO users (tenant_id, user_id, created_at_ms) VALUES ($1, $2, $3)'
const INSERT_KEY = `
  INSERT INTO keys (tenant_id, key_id, user_id, name, hash, last4, created_at_ms, revoked_at_ms)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
const REVOKE_KEY = `
  UPDATE keys SET revoked_at_ms = coalesce(revoked_at_ms, $1) WHERE tenant_id = $2 AND key_id = $3`
const SELECT_THERE = 'SELECT limit_id FROM limits WHERE tenant_id = $1 AND limit_id = ANY ($2)'
const SELECT_SAME_LIMIT = `
  SELECT limit_id FROM limits WHERE tenant_id = $1 AND scope_kind = $2 AND scope_id = $3 AND metric = $4
  AND window_kind = $5 AND window_unit = $6 AND window_zone = $7`
const INSERT_LIMIT = `
  INSERT INTO limits (tenant_id, limit_id, scope_kind, scope_id, metric, window_kind, window_unit, window_zone, amount,
    mode, thresholds)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
const UPDATE_LIMIT = `
  UPDATE limits SET amount = $1, mode = $2, thresholds = $3 WHERE tenant_id = $4 AND limit_id = $5 RETURNING limit_id`
