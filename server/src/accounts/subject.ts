import type { TenantLimits } from '../core/account.ts'
import { PublicError } from '../core/errors.ts'
import type { AccountStore } from '../core/ports/account-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'

/** Who would call, by user or by key, and the limits of the tenant at one version. */
export interface CallSubject extends TenantLimits {
  readonly userId: string
  /** '' where only the user was named. */
  readonly keyId: string
}

export type NamedSubject = { readonly userId: string } | { readonly keyId: string }

/** The limits of a tenant as they are, for whoever checks its version. */
export async function tenantLimits(
  store: Pick<AccountStore, 'tenant'>,
  reports: Pick<ReportStore, 'limits'>,
  tenantId: string,
): Promise<TenantLimits> {
  // The version first: limits that are newer than it are found out by whoever checks it, older ones are not.
  const { version: tenantVersion } = await store.tenant(tenantId)
  return { tenantVersion, limits: await reports.limits(tenantId) }
}

/** Finds who is asked about. Throws `not_found` with the field, also for a revoked key: nobody calls with it. */
export async function callSubject(
  store: Pick<AccountStore, 'tenant' | 'user'>,
  reports: Pick<ReportStore, 'keys' | 'limits'>,
  tenantId: string,
  named: NamedSubject,
): Promise<CallSubject> {
  const { tenantVersion, limits } = await tenantLimits(store, reports, tenantId)
  if ('keyId' in named) {
    const key = (await reports.keys(tenantId)).find(({ id }) => id === named.keyId)
    if (!key || key.revokedAtMs !== null)
      throw new PublicError('not_found', 'There is no unrevoked key with this id.', { field: 'keyId' })
    return { userId: key.userId, keyId: key.id, limits, tenantVersion }
  }
  if (!(await store.user(tenantId, named.userId)))
    throw new PublicError('not_found', 'There is no user with this id.', { field: 'userId' })
  return { userId: named.userId, keyId: '', limits, tenantVersion }
}
