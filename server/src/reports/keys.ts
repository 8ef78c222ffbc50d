import type { Key } from '../core/account.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { isoTime } from './time.ts'

/** The tenant's keys, or those of one user, revoked ones too. */
export async function listKeys(
  store: Pick<ReportStore, 'keys'>,
  tenantId: string,
  userId?: string,
): Promise<readonly ReturnType<typeof keyReport>[]> {
  return (await store.keys(tenantId, userId)).map(keyReport)
}

/** A key as it is shown: nothing in it opens anything. */
export function keyReport({ id, userId, name, last4, createdAtMs, revokedAtMs }: Key) {
  return {
    keyId: id,
    userId,
    name,
    last4,
    createdAt: isoTime(createdAtMs),
    revokedAt: revokedAtMs === null ? null : isoTime(revokedAtMs),
  }
}
