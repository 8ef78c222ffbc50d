import type { Accounts } from '../accounts/accounts.ts'
import type { Credentials } from '../accounts/credentials.ts'
import type { Key } from '../core/account.ts'
import type { Limit } from '../core/limit.ts'
import type { FewNames } from '../core/few-names.ts'
import type { Guesses } from '../core/guesses.ts'
import type { ChannelState, TestTold } from '../core/ports/channel.ts'
import type { DeploymentHealth } from '../core/ports/deployment.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import type { EntryQuery, RefusalQuery } from '../core/ports/report-store.ts'
import type { Simulate } from '../core/ports/simulation.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SummaryAsked } from '../reports/summary.ts'
import type { TrendAsked } from '../reports/trend.ts'
import type { CallShape, EntryDetailShape, EntryShape, RefusalShape } from './entry-schemas.ts'
import type { CrossingShape, LimitShape } from './limit-schemas.ts'
import type { SummaryShape, TrendShape } from './report-schemas.ts'
import type { KeyShape, UserShape } from './schemas.ts'

/** Everything that the control plane works with, chosen and wired elsewhere. */
export interface ControlPlaneDependencies {
  readonly accounts: Accounts
  readonly credentials: Credentials
  readonly reports: ReportReads
  readonly alerts: AlertReads
  readonly ledger: Pick<Ledger, 'ingest'>
  readonly prices: Pick<PriceBook, 'price' | 'canonical'>
  /** The canonical names of the models that a name stands for: what limits go by. */
  readonly canonical: (name: string) => readonly string[]
  /** Shared with proxied calls. */
  readonly names: FewNames
  readonly live: { readonly subscribe: (listener: (watermark: string) => void) => () => void }
  readonly simulate: Simulate
  /** How the deployments have been doing. */
  readonly health: () => readonly DeploymentHealth[]
  /** Calls that went without the ledger and are not in it yet. */
  readonly spooledCalls: () => number
  /** Why the server is not ready, for people; empty where it is. */
  readonly ready: () => readonly string[]
  /** Where the built dashboard is; where it is not built, its pages say so. */
  readonly dashboardFolder: string
  /** Whether a path is that of a file in this folder, and not of a link that leads out of it. */
  readonly isDashboardFile: (path: string) => boolean
  readonly version: string
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  /** Whether we speak HTTPS ourselves: browsers are then told to use nothing else. */
  readonly secure: boolean
  /** Whether only this machine reaches us, and no proxy brings others. */
  readonly isLocalOnly: boolean
  /** Whether the address is that of a proxy of ours: only such may say for whom it asks, and how it was asked. */
  readonly isTrustedProxy: (address: string) => boolean
  /** Counts credentials that were none, together with those of proxied calls. */
  readonly guesses: Guesses
  readonly newId: () => string
  readonly now: () => number
  /** Told of errors that are ours; what they say is for the log alone. */
  readonly report: (problem: string, error: unknown) => void
}

/** How people are told of thresholds, over each channel that is configured. */
export interface AlertReads {
  state(): Promise<readonly ChannelState[]>
  test(id: string): Promise<readonly TestTold[]>
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
  call(tenantId: string, callId: string): Promise<CallShape | undefined>
  refusals(query: RefusalQuery): Promise<{
    readonly refusals: readonly RefusalShape[]
    readonly nextBefore: { readonly atMs: number; readonly id: string } | null
  }>
  crossings(tenantId: string, limit: number): Promise<readonly CrossingShape[]>
  summary(tenantId: string, asked: SummaryAsked): Promise<SummaryShape>
  trend(tenantId: string, asked: TrendAsked): Promise<TrendShape>
}
