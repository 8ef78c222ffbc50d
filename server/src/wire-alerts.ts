import type { Dispatcher } from 'undici'
import { type Alerts, openAlerts } from './alerts/alerts.ts'
import { webhook } from './alerts/channels/webhook.ts'
import type { Configuration } from './config/env.ts'
import type { Channel } from './core/ports/channel.ts'
import type { Events } from './operation/events.ts'
import type { Log } from './operation/log.ts'
import type { Stores } from './open-stores.ts'

/** The channels over which people are told: as many as are configured. */
export function channelsFrom(
  { webhook: configured }: Pick<Configuration, 'webhook'>,
  dispatcher: Dispatcher,
): readonly Channel[] {
  return configured ? [webhook({ ...configured, dispatcher, nowMs: Date.now })] : []
}

/** Gives alerts what they need: deliveries, channels, time and chance. */
export function wireAlerts(
  stores: Pick<Stores, 'deliveries' | 'reports'>,
  channels: readonly Channel[],
  { log, events }: { readonly log: Log; readonly events: Pick<Events, 'alertAttempted'> },
): Alerts {
  return openAlerts({
    ...{ store: stores.deliveries, limits: stores.reports.limits, channels },
    nowMs: Date.now,
    random: Math.random,
    onAttempt: events.alertAttempted,
    onError: (error) => log.report('alerts wait: the store cannot say which are due', error),
  })
}

/** A store that does not answer keeps nobody from the other figures. */
export async function waitingOf(alerts: Pick<Alerts, 'state'>) {
  try {
    return new Map((await alerts.state()).map(({ channel, waiting }) => [channel, waiting] as const))
  } catch {
    return undefined
  }
}
