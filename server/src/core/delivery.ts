/** The ways in which people are told. */
export const CHANNELS = ['webhook'] as const
export type ChannelName = (typeof CHANNELS)[number]

/**
 * One crossing that is to be told over one channel: written with the crossing, due at once, and again after each attempt
 * that failed, until it ends.
 */
export interface Delivery {
  readonly tenantId: string
  readonly crossingId: string
  readonly channel: ChannelName
  /** So many were begun; each changes it, so that it is also the delivery's version. */
  readonly attempts: number
  /** When somebody may make the next attempt, on the store's clock; null where it has ended. */
  readonly dueMs: number | null
  /** When the last attempt ended, on the store's clock; null where none has. */
  readonly triedMs: number | null
  /** Why the last attempt failed, in our own words; null where none has, or the last did not. */
  readonly error: string | null
}

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly error: string; readonly retryInMs: number }
  | { readonly kind: 'given_up'; readonly error: string }

export type DeliveryState = 'waiting' | 'delivered' | 'given_up'

export function stateOf({ dueMs, error }: Pick<Delivery, 'dueMs' | 'error'>): DeliveryState {
  if (dueMs !== null) return 'waiting'
  return error === null ? 'delivered' : 'given_up'
}

/** A crossing that was just written, to be told over a channel. */
export function newDelivery(of: { tenantId: string; id: string }, channel: ChannelName): Delivery {
  return { tenantId: of.tenantId, crossingId: of.id, channel, attempts: 0, dueMs: 0, triedMs: null, error: null }
}

/** A delivery after an attempt of it that ended at an instant. */
export function afterAttempt(delivery: Delivery, end: AttemptEnd, atMs: number): Delivery {
  return {
    ...delivery,
    triedMs: atMs,
    dueMs: end.kind === 'failed' ? atMs + end.retryInMs : null,
    error: end.kind === 'delivered' ? null : end.error,
  }
}
