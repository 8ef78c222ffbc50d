import { counterId, counterOf } from '../core/counter.ts'
import type { Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { isoTime } from './time.ts'

type Counters = Pick<LedgerStore, 'counter'>

export async function listLimits(
  store: Pick<ReportStore, 'limits'>,
  counters: Counters,
  tenantId: string,
  nowMs: number,
): Promise<readonly Awaited<ReturnType<typeof limitReport>>[]> {
  return Promise.all((await store.limits(tenantId)).map((limit) => limitReport(counters, limit, nowMs)))
}

/** A limit with what its counter says now. */
export async function limitReport(counters: Counters, limit: Limit, nowMs: number) {
  const { id, scope, metric, window, amount, mode, thresholds = [] } = limit
  const counter = counterOf(limit, nowMs)
  const { settled, held } = await counters.counter(counterId(counter), nowMs)
  const resetsAt = window.kind === 'calendar' ? isoTime(counter.endMs) : null
  return { limitId: id, scope, metric, window, amount, mode, thresholds, settled, held, resetsAt }
}
