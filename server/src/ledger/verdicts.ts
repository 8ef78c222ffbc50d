import { counterIdOf } from '../core/counter.ts'
import { heldAmounts } from '../core/hold.ts'
import { type Limit, NO_AMOUNTS } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import type { Verdict } from '../core/ports/simulation.ts'
import { resetsAtMs } from '../core/window.ts'
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
      const verdict = fits ? 'fits' : BEYOND[limit.mode]
      return { limit, value, asked, verdict, resetsAtMs: resetsAtMs(limit.window, request.atMs) } as const
    }),
  )
}

const isInForce = (limit: Limit): limit is Verdict['limit'] => limit.amount !== null

function askedFor({ bound, price }: ReserveRequest) {
  if (!bound) return { ...NO_AMOUNTS, requests: 1n }
  return heldAmounts({ bound, boundCostNanoUsd: boundCost(bound, price) })
}
