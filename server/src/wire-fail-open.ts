import { existsSync } from 'node:fs'
import type { Accounts } from './accounts/accounts.ts'
import type { Configuration } from './config/env.ts'
import type { FailOpenOptions } from './ledger/fail-open.ts'
import type { Events } from './operation/events.ts'
import type { Log } from './operation/log.ts'
import { openSpool } from './stores/spool/open.ts'

interface Given {
  readonly configuration: Pick<Configuration, 'spoolFolder' | 'leaseMs'>
  readonly accounts: Pick<Accounts, 'limitsOf'>
  /** By tenant. */
  readonly mostCalls: ReadonlyMap<string, number>
  readonly events: Events
  readonly log: Pick<Log, 'report'>
}

/** Fail-open, where it is asked for; what it has left is booked also where it is not any more. */
export async function wireFailOpen(given: Given): Promise<FailOpenOptions | undefined> {
  const { configuration, accounts, mostCalls, events, log } = given
  const { spoolFolder: folder, leaseMs } = configuration
  const isOn = [...mostCalls.values()].some((most) => most > 0)
  if (!isOn && !existsSync(folder)) return undefined
  return {
    spool: await openSpool({ folder, leaseMs, report: log.report }),
    mostCalls: (tenantId) => mostCalls.get(tenantId) ?? 0,
    limitsOf: accounts.limitsOf,
    nowMs: Date.now,
    told: events.spool,
    onError: (error) => log.report('the spool cannot be written, or a call in it not be booked', error),
  }
}
