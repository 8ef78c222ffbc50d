import type { Alert } from '../alert.ts'
import type { ChannelName, Delivery } from '../delivery.ts'

/** A way in which people are told: the webhook, and whatever comes beside it. */
export interface Channel {
  readonly name: ChannelName
  /** Where it leads, for people: nothing secret. */
  readonly target: string
  /** Tells once, and gives up by itself after seconds. Never rejects: what went wrong is answered, in our own words. */
  tell(alert: Alert): Promise<Told>
}

export type Told = { readonly delivered: true } | { readonly delivered: false; readonly reason: string }

/** What came of a test. */
export type TestTold = Told & { readonly channel: ChannelName }

/** How a channel does. */
export interface ChannelState {
  readonly channel: ChannelName
  readonly target: string
  /** Up to a thousand. */
  readonly waiting: number
  /** The one of which most attempts have failed; undefined where none of those that wait has failed. */
  readonly failing: Delivery | undefined
}
