import type { AccountAnswer, AccountPlan } from '../../core/account.ts'
import { counterId, counterOf } from '../../core/counter.ts'
import { amountsOf } from '../../core/entry.ts'
import { heldAmounts } from '../../core/hold.ts'
import { idsIn, type Limit, type Subject } from '../../core/limit.ts'
import { EMPTY_MINUTE } from '../../core/minute.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import { keyOf, type State } from './reference-state.ts'
import { move } from './reference-ledger.ts'

export function referenceAccounts(state: State, nowMs: () => number): AccountStore {
  const { tenants, users, keys, limits, settings } = state

  function refusalOf({
    tenantId,
    createUser,
    createKey,
    revokeKey,
    putLimits,
  }: AccountPlan): AccountAnswer | undefined {
    if (createUser && users.has(keyOf(tenantId, createUser.id))) return { kind: 'exists' }
    if (createKey && keys.has(keyOf(tenantId, createKey.id))) return { kind: 'exists' }
    if (createKey && [...keys.values()].some((key) => key.hash === createKey.hash)) return { kind: 'exists' }
    for (const limit of putLimits?.limits ?? [])
      for (const other of limits.values())
        if (other.tenantId === tenantId && (other.id === limit.id) !== (counts(other) === counts(limit)))
          return { kind: 'exists' }
    if (createKey && createKey.userId !== createUser?.id && !users.has(keyOf(tenantId, createKey.userId)))
      return { kind: 'missing' }
    if (revokeKey && !keys.has(keyOf(tenantId, revokeKey.id))) return { kind: 'missing' }
    return undefined
  }

  function apply({ tenantId, createUser, createKey, revokeKey, putLimits }: AccountPlan): void {
    if (createUser) users.set(keyOf(tenantId, createUser.id), createUser)
    if (createKey) keys.set(keyOf(tenantId, createKey.id), createKey)
    if (revokeKey) {
      const id = keyOf(tenantId, revokeKey.id)
      const key = keys.get(id)!
      keys.set(id, { ...key, revokedAtMs: key.revokedAtMs ?? revokeKey.atMs })
    }
    for (const limit of putLimits?.limits ?? []) {
      const id = keyOf(tenantId, limit.id)
      // A limit that is there has been counting all along.
      if (!limits.has(id)) seed(state, limit, putLimits!.atMs, nowMs())
      limits.set(id, limit)
    }
  }

  return {
    async identity(keyHash) {
      const key = [...keys.values()].find((candidate) => candidate.hash === keyHash && candidate.revokedAtMs === null)
      const user = key && users.get(keyOf(key.tenantId, key.userId))
      const version = key && tenants.get(key.tenantId)
      if (!user || version === undefined) return undefined
      const ofOthers = (limit: Limit) =>
        (limit.scope.kind === 'user' && limit.scope.id !== user.id) ||
        (limit.scope.kind === 'key' && limit.scope.id !== key.id)
      const own = [...limits.values()].filter((limit) => limit.tenantId === key.tenantId && !ofOthers(limit))
      return { tenant: { id: key.tenantId, version }, user, key, limits: byId(own) }
    },
    async tenant(id) {
      if (!tenants.has(id)) {
        tenants.set(id, 1)
        state.commits++
      }
      return { id, version: tenants.get(id)! }
    },
    user: async (tenantId, id) => users.get(keyOf(tenantId, id)),
    async commit(plan) {
      if (tenants.get(plan.tenantId) !== plan.expectVersion) return { kind: 'stale' }
      const refusal = refusalOf(plan)
      if (refusal) return refusal
      apply(plan)
      state.commits++
      tenants.set(plan.tenantId, plan.expectVersion + 1)
      return { kind: 'committed', version: plan.expectVersion + 1 }
    },
    setting: async (name) => settings.get(name),
    async keepSetting(name, value) {
      if (!settings.has(name)) settings.set(name, value)
      return settings.get(name)!
    },
    async replaceSetting(name, value, seen) {
      if (settings.get(name) !== seen) return false
      settings.set(name, value)
      return true
    },
  }
}

/** What a limit counts: two limits that agree in it are the same limit. */
function counts({ scope, metric, window }: Limit): string {
  const { unit, zone } = window.kind === 'calendar' ? window : { unit: '', zone: '' }
  return keyOf(scope.kind, scope.id, metric, window.kind, unit, zone)
}

/** The counter that the limit reads, made anew of the entries and open holds; the holds are moved along from now on. */
function seed(state: State, limit: Limit, atMs: number, now: number): void {
  const key = counterOf(limit, atMs)
  const id = counterId(key)
  const isCounted = (one: Subject & { countedAtMs: number }) =>
    one.tenantId === limit.tenantId &&
    idsIn(one, limit.scope.kind).includes(limit.scope.id) &&
    key.startMs <= one.countedAtMs &&
    one.countedAtMs < key.endMs
  if (key.window === 'minute') state.minutes.set(id, EMPTY_MINUTE)
  else state.counters.set(id, { settled: 0n, held: 0n })
  for (const entry of [...state.entries.values()].filter(isCounted)) {
    const settled = amountsOf(entry)[limit.metric]
    move(state, { counterId: id, countedAtMs: entry.countedAtMs, settled, held: 0n }, now)
  }
  for (const hold of [...state.holds.values()].filter(isCounted)) {
    const held = heldAmounts(hold)[limit.metric]
    move(state, { counterId: id, countedAtMs: hold.countedAtMs, settled: 0n, held }, now)
    if (!hold.counters.includes(id))
      state.holds.set(hold.id, { ...hold, version: hold.version + 1, counters: [...hold.counters, id] })
  }
}

export function byId<Noun extends { readonly id: string }>(nouns: readonly Noun[]): Noun[] {
  return nouns.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
