import type { Accounts } from '../accounts/accounts.ts'
import type { Key } from '../core/account.ts'
import type { Limit } from '../core/limit.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import type { EntryQuery } from '../core/ports/report-store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { EntryDetailShape, EntryShape, KeyShape, LimitShape, SummaryShape, UserShape } from './schemas.ts'

/** Everything that the control plane works with, chosen and wired elsewhere. */
export interface ControlPlaneDependencies {
  readonly accounts: Accounts
  readonly reports: ReportReads
  readonly ledger: Pick<Ledger, 'ingest'>
  readonly prices: Pick<PriceBook, 'price'>
  readonly live: { readonly subscribe: (listener: (watermark: string) => void) => () => void }
  /** Why the server is not ready, for people; empty where it is. */
  readonly ready: () => readonly string[]
  /** Where the built dashboard is; where it is not built, its pages say so. */
  readonly dashboardFolder: string
  readonly version: string
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  /** Whether we speak HTTPS ourselves: browsers are then told to use nothing else. */
  readonly secure: boolean
  /** Whether only this machine reaches us, and no proxy brings others. */
  readonly isLocalOnly: boolean
  /** Whether the address is that of a proxy of ours: only such may say for whom it asks, and how it was asked. */
  readonly isTrustedProxy: (address: string) => boolean
  readonly newId: () => string
  readonly now: () => number
  /** Told of errors that are ours; what they say is for the log alone. */
  readonly report: (problem: string, error: unknown) => void
}

export interface ReportReads {
  users(
    tenantId: string,
    page: { limit: number; after?: string },
  ): Promise<{ readonly users: readonly UserShape[]; readonly nextAfter: string | null }>
  user(tenantId: string, userId: string): Promise<UserShape | undefined>
  keys(tenantId: string, userId?: string): Promise<readonly KeyShape[]>
  key(key: Key): KeyShape
  limits(tenantId: string): Promise<readonly LimitShape[]>
  limit(limit: Limit): Promise<LimitShape>
  entries(query: EntryQuery): Promise<{
    readonly entries: readonly EntryShape[]
    readonly nextBefore: { readonly occurredAtMs: number; readonly id: string } | null
  }>
  entry(tenantId: string, id: string): Promise<EntryDetailShape | undefined>
  summary(
    tenantId: string,
    asked: { fromMs?: number; toMs?: number; zone: string; byUser: boolean },
  ): Promise<SummaryShape>
}
