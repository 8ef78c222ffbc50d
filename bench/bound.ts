/** How busy everything was while a load ran. Shares are of one core. */
export interface Busy {
  /** Of the busiest gateway; a process of Node runs its JavaScript on one core. */
  readonly gatewayBusy: number
  readonly databaseBusy: number
  readonly harnessBusy: number
  readonly othersBusy: number
  /** All gateways together. */
  readonly gatewaysBusy: number
  /** The share of the time in which a gateway had a commit under way. */
  readonly committing: number
  readonly connections: number
}

const BUSY = 0.88

/** What would have to be quicker, or more, for the rate to be higher. */
export function boundOf(busy: Busy, cores: number): string {
  const all = busy.gatewaysBusy + busy.databaseBusy + busy.harnessBusy + busy.othersBusy
  if (busy.harnessBusy >= BUSY) return 'the load generator'
  if (busy.gatewayBusy >= BUSY) return "a gateway's processor"
  if (all >= BUSY * cores) return 'all cores of this machine'
  if (busy.connections === 1) return 'one call at a time'
  if (busy.committing >= BUSY) return 'commits in turn'
  return 'waiting in between'
}
