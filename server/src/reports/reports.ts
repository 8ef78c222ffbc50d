import type { Key } from '../core/account.ts'
import type { Limit } from '../core/limit.ts'
import type { DeliveryStore } from '../core/ports/delivery-store.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { EntryQuery, RefusalQuery, ReportStore } from '../core/ports/report-store.ts'
import { findCall, findEntry } from './counted.ts'
import { listCrossings } from './crossings.ts'
import { listEntries } from './entries.ts'
import { keyReport, listKeys } from './keys.ts'
import { limitReport, listLimits } from './limits.ts'
import { listRefusals } from './refusals.ts'
import { summarize, type SummaryAsked } from './summary.ts'
import { trend, type TrendAsked } from './trend.ts'
import { findUser, listUsers } from './users.ts'

/** What reports are made of. */
export interface Reported {
  readonly reports: ReportStore
  readonly ledger: Pick<LedgerStore, 'counter'>
  readonly deliveries: Pick<DeliveryStore, 'ofCrossings'>
}

/** All reports over a store. Sums and amounts in them are bigint; times are ISO 8601 in UTC. */
export function openReports({ reports: store, ledger: counters, deliveries }: Reported, now: () => number) {
  return {
    users: (tenantId: string, page: { limit: number; after?: string }) => listUsers(store, tenantId, page),
    user: (tenantId: string, userId: string) => findUser(store, tenantId, userId),
    keys: (tenantId: string, userId?: string) => listKeys(store, tenantId, userId),
    key: (key: Key) => keyReport(key),
    limits: (tenantId: string) => listLimits(store, counters, tenantId, now()),
    limit: (limit: Limit) => limitReport(counters, limit, now()),
    entries: (query: EntryQuery) => listEntries(store, query),
    entry: (tenantId: string, id: string) => findEntry(store, tenantId, id),
    call: (tenantId: string, callId: string) => findCall(store, tenantId, callId),
    refusals: (query: RefusalQuery) => listRefusals(store, query),
    crossings: (tenantId: string, limit: number) => listCrossings(store, deliveries, { tenantId, limit }),
    summary: (tenantId: string, asked: SummaryAsked) => summarize(store, tenantId, asked, now()),
    trend: (tenantId: string, asked: TrendAsked) => trend(store, tenantId, asked, now()),
  }
}
