import type { TenantLimits } from '../core/account.ts'
import type { AccountStore } from '../core/ports/account-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { openAdministrator } from './administrator.ts'
import { accountChanges, type Changes } from './changes.ts'
import { type Cursors, cursors } from './cursors.ts'
import { type Identification, identification } from './identify.ts'
import type { Secrets } from './secrets.ts'
import { readSession, SESSION_MS, type Session, sessionToken } from './session.ts'
import { callSubject, type CallSubject, type NamedSubject, tenantLimits } from './subject.ts'

/** Who may do what: keys and users for the proxy, the administrator for the control plane. */
export interface Accounts extends Identification, Changes {
  /** The administrator's secret, where this start made it; undefined on every later start. */
  readonly newAdministratorSecret: string | undefined
  isAdministrator(presented: string): boolean
  startSession(tenantId: string): { readonly session: Session; readonly token: string }
  readSession(token: string): Session | undefined
  limitsOf(tenantId: string): Promise<TenantLimits>
  /** Of whom a call is imagined, with all limits that there are. */
  callSubject(tenantId: string, named: NamedSubject): Promise<CallSubject>
  readonly cursors: Cursors
}

export interface AccountDependencies {
  readonly store: AccountStore
  readonly reports: Pick<ReportStore, 'keys' | 'limits'>
  readonly secrets: Secrets
  readonly now: () => number
  /** How long a key is known while the store cannot be reached: 0 where nothing may be done without it. */
  readonly unreachedMs?: number
}

/** Opens the accounts of an installation, and makes its administrator's secret the first time. */
export async function openAccounts({
  store,
  reports,
  secrets,
  now,
  unreachedMs,
}: AccountDependencies): Promise<Accounts> {
  const administrator = await openAdministrator(store, secrets)
  const identities = identification(store, secrets, now, unreachedMs)
  return {
    ...identities,
    ...accountChanges({ store, reports, secrets, now, changed: identities.forget }),
    newAdministratorSecret: administrator.newSecret,
    isAdministrator: administrator.is,
    startSession(tenantId) {
      const session = { tenantId, expiresAtMs: now() + SESSION_MS }
      return { session, token: sessionToken(secrets, session) }
    },
    readSession: (token) => readSession(secrets, token, now()),
    limitsOf: (tenantId) => tenantLimits(store, reports, tenantId),
    callSubject: (tenantId, named) => callSubject(store, reports, tenantId, named),
    cursors: cursors(secrets),
  }
}
