/** What the API says of how people are told of crossed thresholds. */
export interface Delivery {
  channel: string
  state: 'waiting' | 'delivered' | 'given_up'
  attempts: number
  lastAt: string | null
  nextAt: string | null
  error: string | null
}

export interface AlertChannel {
  channel: string
  target: string
  waiting: number
  failing: Delivery | null
}

export interface AlertTest {
  channel: string
  delivered: boolean
  reason: string | null
}
