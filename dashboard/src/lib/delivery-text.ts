import type { Delivery } from './alert-contract.ts'

/** What became of telling one crossing over one channel; `clock` says an instant for people. */
export function deliveryText({ channel, state, lastAt, error }: Delivery, clock: (instant: string) => string): string {
  if (state === 'delivered') return `told by ${channel}${lastAt === null ? '' : ` at ${clock(lastAt)}`}`
  return state === 'given_up'
    ? `${channel} given up: ${error}`
    : `${channel} not told yet${error === null ? '' : `: ${error}`}`
}
