import type { Deployments } from './gateway/gateway.ts'
import type { LedgerStore } from './core/ports/ledger-store.ts'
import { DRAIN_CAPS, drains as openDrains } from './gateway/drain.ts'
import { openCalls as noCalls } from './gateway/open-calls.ts'
import { type EventLoopWatch, watchEventLoop } from './operation/event-loop.ts'
import { openEvents } from './operation/events.ts'
import type { Log } from './operation/log.ts'
import { type MetricSources, openMetrics } from './operation/metrics.ts'
import { modelNames } from './operation/model-names.ts'
import { observedStore, type ObservedStore } from './operation/observed-store.ts'
import type { PriceBook } from './core/ports/price-book.ts'

interface Observed {
  readonly log: Log
  readonly store: LedgerStore
  readonly prices: Pick<PriceBook, 'knows'>
  readonly deployments: Deployments
  readonly redis: MetricSources['redis']
  readonly version: string
}

/** What is looked at only once it is there. */
type Seen = Pick<MetricSources, 'isReady' | 'spooledCalls' | 'alertsWaiting'>

/** Everything that looks at the server at work: its log, its metrics, and what they are made of. */
export function wireOperation({ log, store, prices, deployments, redis, version }: Observed) {
  const configured = new Set(configuredModels(deployments))
  const openCalls = noCalls()
  const drains = openDrains(DRAIN_CAPS)
  let seen: Seen = { isReady: () => false, spooledCalls: () => 0, alertsWaiting: async () => undefined }
  const metrics = openMetrics({
    version,
    models: modelNames((provider, model) => configured.has(`${provider} ${model}`) || prices.knows(provider, model)),
    openCalls: () => openCalls.count,
    openHolds: () => observed.openHolds(),
    drains: () => drains.count,
    isReady: () => seen.isReady(),
    spooledCalls: () => seen.spooledCalls(),
    alertsWaiting: () => seen.alertsWaiting(),
    longestEventLoopLagMs: () => eventLoop.longestLagMs(),
    redis,
  })
  const events = openEvents(log, metrics)
  const observed: ObservedStore = observedStore(store, events)
  const eventLoop: EventLoopWatch = watchEventLoop(events.eventLoopBlocked)
  return {
    ...{ openCalls, drains, events, store: observed },
    metricsOf(of: Seen) {
      seen = of
      return metrics.expose
    },
    renewTls(renew: () => void): void {
      try {
        renew()
        log.told('certificate renewed')
      } catch (error) {
        log.report('the certificate could not be renewed', error)
      }
    },
    async close() {
      eventLoop.close()
    },
  }
}

/** `provider model` of every model that has a name in the configuration. */
function configuredModels(deployments: Deployments): string[] {
  return deployments
    .models()
    .flatMap((named) => deployments.resolve(named.format, named.model))
    .map(({ provider, model }) => `${provider} ${model}`)
}
