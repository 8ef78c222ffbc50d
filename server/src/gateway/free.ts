import { countForClient } from './count-tokens.ts'
import type { Gateway } from './gateway.ts'
import { sendModels } from './models.ts'
import type { Arrival } from './arrival.ts'

/** Answers a call that costs no provider anything: it is identified like every other, and neither held nor booked. */
export async function free(gateway: Gateway, arrival: Arrival): Promise<void> {
  if (arrival.route.operation === 'count') return countForClient(gateway, arrival)
  sendModels(arrival, gateway)
}
