import type { Configuration } from './config/env.ts'
import { type Check, verify } from './ledger/verify.ts'
import { openStores } from './open-stores.ts'

/** Proves the ledger of a configuration, beside a server at work or without one. */
export async function verifyLedger({
  database,
}: Pick<Configuration, 'database'>): Promise<{ ok: boolean; checks: readonly Check[] }> {
  const stores = await openStores(database)
  try {
    const checks = await verify(stores.reports)
    return { ok: checks.every(({ ok }) => ok), checks }
  } finally {
    await stores.close()
  }
}
