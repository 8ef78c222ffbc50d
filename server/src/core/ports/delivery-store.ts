import type { Crossing } from '../crossing.ts'
import type { AttemptEnd, ChannelName, Delivery } from '../delivery.ts'

/** A delivery that somebody has taken, with what is to be told. */
export interface Claim {
  readonly delivery: Delivery
  readonly crossing: Crossing
}

/** Which crossings are still to be told, of every tenant. Every method rejects with StoreUnavailable. */
export interface DeliveryStore {
  /**
   * Takes up to `most` deliveries of a channel that are due on the store's own clock, those due longest first. Nobody else
   * gets them for so long; each is an attempt more.
   */
  claim(channel: ChannelName, most: number, leaseMs: number): Promise<readonly Claim[]>
  /** Writes how an attempt ended, unless the delivery was taken by somebody else since; answers whether. */
  end(delivery: Delivery, end: AttemptEnd): Promise<boolean>
  /** Those that have not ended, those due first first. */
  waiting(channel: ChannelName, most: number): Promise<readonly Delivery[]>
  /** Of these crossings of a tenant, in no order. */
  ofCrossings(tenantId: string, crossingIds: readonly string[]): Promise<readonly Delivery[]>
}
