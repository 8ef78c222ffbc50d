import type { AccountAnswer, AccountPlan, Key, User } from '../core/account.ts'
import { PublicError } from '../core/errors.ts'
import type { Limit } from '../core/limit.ts'
import type { AccountStore } from '../core/ports/account-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { type LimitRule, limitOf, userTokenLimit } from './limits.ts'
import { nameProblem, userIdProblem } from './names.ts'
import { mintId, mintSecret, type Secrets } from './secrets.ts'

/** What a change needs to see and to tell. */
export interface ChangeDependencies {
  readonly store: Pick<AccountStore, 'tenant' | 'user' | 'commit'>
  readonly reports: Pick<ReportStore, 'keys' | 'limits'>
  readonly secrets: Secrets
  readonly now: () => number
  /** Called after every change of the tenant. */
  readonly changed: (tenantId: string) => void
}

/** Changes of users, keys and limits. Each is one commit; what a person did wrong is thrown as PublicError. */
export interface Changes {
  /** `tokenLimit` 0 admits nothing, null is unlimited. */
  createUser(tenantId: string, userId: string, tokenLimit: bigint | null): Promise<User>
  setTokenLimit(tenantId: string, userId: string, tokenLimit: bigint | null): Promise<void>
  /** `secret` is what the user presents: nobody can read it again. */
  createKey(tenantId: string, userId: string, name: string): Promise<{ readonly key: Key; readonly secret: string }>
  /** Revoking again changes nothing. */
  revokeKey(tenantId: string, keyId: string): Promise<void>
  putLimit(rule: LimitRule): Promise<{ readonly limit: Limit; readonly isNew: boolean }>
  /** The limit goes on counting and binds no more. */
  liftLimit(tenantId: string, limitId: string): Promise<void>
}

type Draft = Omit<AccountPlan, 'tenantId' | 'expectVersion'>

/** Every lost race was somebody else's change, so this is how many of them one change outwaits. */
const MOST_TRIES = 100

export function accountChanges({ store, reports, secrets, now, changed }: ChangeDependencies): Changes {
  const turns = new Map<string, Promise<unknown>>()

  /** One change of a tenant at a time: only those of other processes are raced with. */
  function change(tenantId: string, draft: () => Promise<Draft | undefined>): Promise<AccountAnswer | undefined> {
    const changing = (turns.get(tenantId) ?? Promise.resolve()).then(() => changeNow(tenantId, draft))
    turns.set(
      tenantId,
      changing.catch(() => undefined),
    )
    return changing
  }

  /** Commits what `draft` makes of the tenant as it is, again where the tenant changed in between. */
  async function changeNow(
    tenantId: string,
    draft: () => Promise<Draft | undefined>,
  ): Promise<AccountAnswer | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { version } = await store.tenant(tenantId)
      const plan = await draft()
      if (plan === undefined) return undefined
      const answer = await store.commit({ tenantId, expectVersion: version, ...plan })
      if (answer.kind === 'stale') continue
      changed(tenantId)
      return answer
    }
    throw new PublicError('ledger_unavailable', 'Too many changes of the accounts at once.', { retryAfterSeconds: 1 })
  }

  async function requireUser(tenantId: string, userId: string): Promise<void> {
    if (!(await store.user(tenantId, userId))) throw new PublicError('not_found', 'There is no user with this id.')
  }

  /** Refuses a limit on a user or key that is not there: it would be a typing error that binds nobody. */
  async function requireScope({ tenantId, scope }: LimitRule): Promise<void> {
    const isThere =
      scope.kind === 'tenant'
        ? scope.id === tenantId
        : scope.kind === 'user'
          ? (await store.user(tenantId, scope.id)) !== undefined
          : scope.kind !== 'key' || (await reports.keys(tenantId)).some((key) => key.id === scope.id)
    if (!isThere)
      throw new PublicError('invalid_field', `There is no ${scope.kind} with this id.`, { field: 'scope.id' })
  }

  return {
    async createUser(tenantId, userId, tokenLimit) {
      refuse('userId', userIdProblem(userId))
      const createUser: User = { id: userId, tenantId, createdAtMs: now() }
      const answer = await change(tenantId, async () => ({
        createUser,
        putLimits: { limits: [userTokenLimit(tenantId, userId, tokenLimit)], atMs: now() },
      }))
      if (answer?.kind === 'exists')
        throw new PublicError('conflict', 'There is a user with this id already.', { field: 'userId' })
      return createUser
    },

    async setTokenLimit(tenantId, userId, tokenLimit) {
      await requireUser(tenantId, userId)
      const limit = userTokenLimit(tenantId, userId, tokenLimit)
      await change(tenantId, async () => {
        const before = (await reports.limits(tenantId)).find(({ id }) => id === limit.id)
        const thresholds = before?.thresholds ?? []
        return { putLimits: { limits: [{ ...limit, thresholds }], atMs: now() } }
      })
    },

    async createKey(tenantId, userId, name) {
      refuse('name', nameProblem(name))
      const secret = mintSecret('tt_')
      const createKey: Key = {
        id: mintId('key_'),
        tenantId,
        userId,
        name,
        hash: secrets.hash('key', secret),
        last4: secret.slice(-4),
        createdAtMs: now(),
        revokedAtMs: null,
      }
      const answer = await change(tenantId, async () => ({ createKey }))
      if (answer?.kind === 'missing')
        throw new PublicError('not_found', 'There is no user with this id.', { field: 'userId' })
      return { key: createKey, secret }
    },

    async revokeKey(tenantId, keyId) {
      await change(tenantId, async () => {
        const key = (await reports.keys(tenantId)).find(({ id }) => id === keyId)
        if (!key) throw new PublicError('not_found', 'There is no key with this id.')
        return key.revokedAtMs === null ? { revokeKey: { id: keyId, atMs: now() } } : undefined
      })
    },

    async putLimit(rule) {
      await requireScope(rule)
      const limit = limitOf(rule)
      let isNew = true
      await change(rule.tenantId, async () => {
        isNew = !(await reports.limits(rule.tenantId)).some(({ id }) => id === limit.id)
        return { putLimits: { limits: [limit], atMs: now() } }
      })
      return { limit, isNew }
    },

    async liftLimit(tenantId, limitId) {
      await change(tenantId, async () => {
        const limit = (await reports.limits(tenantId)).find(({ id }) => id === limitId)
        if (!limit) throw new PublicError('not_found', 'There is no limit with this id.')
        return { putLimits: { limits: [{ ...limit, amount: null }], atMs: now() } }
      })
    },
  }
}

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw new PublicError('invalid_field', `${field} ${problem}.`, { field })
}
