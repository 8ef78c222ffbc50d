import { counterIdOf } from '../core/counter.ts'
import { heldAmounts } from '../core/hold.ts'
import { type Limit, NO_AMOUNTS } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { Verdict } from '../core/ports/simulation.ts'
import { rangeAt } from '../core/window.ts'
import { boundCost, type Reserved, type ReserveRequest } from './reserve.ts'

const BEYOND = { hard: 'refuses', soft: 'exceeds', shadow: 'would_refuse' } as const

/** The verdict of every limit that applies to a request, as it was answered. One that was lifted counts, and limits nothing. */
export async function verdicts(
  store: Pick<LedgerStore, 'counter'>,
  request: ReserveRequest,
  reserved: Reserved,
): Promise<readonly Verdict[]> {
  const amounts = reserved.kind === 'held' ? heldAmounts(reserved.hold) : askedFor(request)
  return Promise.all(
    request.limits.filter(isInForce).map(async (limit) => {
      const value = await store.counter(counterIdOf(limit, request.atMs), request.atMs)
      const asked = amounts[limit.metric]
      const fits = value.settled + value.held + asked <= limit.amount
      const resetsAtMs = limit.window.kind === 'calendar' ? rangeAt(limit.window, request.atMs).endMs : null
      return { limit, value, asked, verdict: fits ? 'fits' : BEYOND[limit.mode], resetsAtMs } as const
    }),
  )
}

const isInForce = (limit: Limit): limit is Verdict['limit'] => limit.amount !== null

function askedFor({ bound, price }: ReserveRequest) {
  if (!bound) return { ...NO_AMOUNTS, requests: 1n }
  return heldAmounts({ bound, boundCostNanoUsd: boundCost(bound, price) })
}
