import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AttemptEnd, ChannelName } from '../core/delivery.ts'
import type { Entry } from '../core/entry.ts'
import type { ErrorCode } from '../core/errors.ts'
import { inputTokens, outputTokens } from '../core/usage.ts'
import type { ModelNames } from './model-names.ts'

/** What Prometheus reads. Labels are few and closed: no tenant, user or key, and models only where we know them. */
export interface Metrics {
  ended(entry: Entry): void
  refused(code: ErrorCode): void
  /** A call's request goes to its provider, so long after it came. */
  sent(addedMs: number): void
  committed(plans: number, durationMs: number): void
  storeFailed(): void
  eventLoopBlocked(durationMs: number): void
  alertAttempted(channel: ChannelName, end: AttemptEnd['kind']): void
  reportingFailed(): void
  expose(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** What is looked at when somebody asks. */
export interface MetricSources {
  readonly version: string
  readonly models: ModelNames
  readonly openCalls: () => number
  readonly openHolds: () => number
  readonly drains: () => number
  readonly isReady: () => boolean
  readonly spooledCalls: () => number
  /** How many alerts wait over each channel; undefined where the store cannot say. */
  readonly alertsWaiting: () => Promise<ReadonlyMap<ChannelName, number> | undefined>
  readonly longestEventLoopLagMs: () => number
  /** Undefined where no Redis is used. */
  readonly redis: { readonly isReached: boolean; readonly refusals: { readonly count: number } } | undefined
}

const ADDED_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]
const FIRST_BYTE_SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300]
const COMMIT_SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2]
const COMMIT_PLANS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

export function openMetrics(sources: MetricSources): Metrics {
  const registers = [new Registry()]
  const [register] = registers as [Registry]
  collectDefaultMetrics({ register })
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: L[] = []) =>
    new Histogram({ name, help, buckets, labelNames, registers })
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })

  const attempts = counter('token_trackr_attempts_total', 'Attempts that have ended, each with one entry.', [
    ...(['provider', 'model', 'outcome', 'evidence'] as const),
  ])
  const tokens = counter('token_trackr_tokens_total', 'Tokens of entries; what is unknown is not in it.', [
    ...(['provider', 'model', 'side'] as const),
  ])
  const cost = counter(
    'token_trackr_cost_nano_usd_total',
    'Cost of entries in nano-USD; what is unpriced is not in it.',
    [...(['provider', 'model'] as const)],
  )
  const refusals = counter('token_trackr_refusals_total', 'Calls that were not admitted.', ['code'])
  const added = histogram(
    'token_trackr_added_seconds',
    'From the arrival of a call to its request to the provider: what we add.',
    ADDED_SECONDS,
  )
  const firstByte = histogram(
    'token_trackr_first_byte_seconds',
    "From the arrival of a call to the first byte of the provider's answer.",
    FIRST_BYTE_SECONDS,
    ['provider'],
  )
  const commitPlans = histogram('token_trackr_commit_plans', 'Plans in one commit to the ledger.', COMMIT_PLANS)
  const commitTime = histogram('token_trackr_commit_seconds', 'Duration of a commit to the ledger.', COMMIT_SECONDS)
  const storeFailures = counter('token_trackr_store_failures_total', 'Commits that the store refused.', [])
  const blocked = counter(
    'token_trackr_event_loop_blocked_total',
    'Times that the event loop was blocked for long.',
    [],
  )
  const blockedTime = counter('token_trackr_event_loop_blocked_seconds_total', 'How long it was, together.', [])
  const alerts = counter('token_trackr_alert_attempts_total', 'Attempts to tell people of a threshold.', [
    ...(['channel', 'outcome'] as const),
  ])
  const alertsWaiting = new Gauge({
    name: 'token_trackr_alerts_waiting',
    help: 'Alerts that are still to be told, by any process.',
    labelNames: ['channel'],
    registers: [],
    async collect() {
      this.reset()
      for (const [channel, count] of (await sources.alertsWaiting()) ?? []) this.set({ channel }, count)
    },
  })
  register.registerMetric(alertsWaiting)
  const reportingFailures = counter('token_trackr_reporting_failures_total', 'Events that could not be reported.', [])
  gauge('token_trackr_event_loop_lag_longest_seconds', 'Longest lag since it was last asked for.', () =>
    seconds(sources.longestEventLoopLagMs()),
  )
  gauge('token_trackr_open_calls', 'Calls under way.', sources.openCalls)
  gauge('token_trackr_open_holds', 'Holds of this process that have not ended.', sources.openHolds)
  gauge('token_trackr_drains', 'Answers that are read to their end for clients that left.', sources.drains)
  gauge('token_trackr_spooled_calls', 'Calls that went without the ledger and are not in it yet.', sources.spooledCalls)
  gauge('token_trackr_ready', '1 where calls are taken.', () => Number(sources.isReady()))
  const { redis } = sources
  if (redis) {
    gauge('token_trackr_redis_reached', '1 where Redis is reached.', () => Number(redis.isReached))
    const known = new Counter({
      name: 'token_trackr_known_refusals_total',
      help: 'Refusals that the store was not asked for.',
      registers: [],
      collect() {
        this.reset()
        this.inc(redis.refusals.count)
      },
    })
    register.registerMetric(known)
  }
  new Gauge({ name: 'token_trackr_info', help: 'What runs here.', labelNames: ['version'], registers }).set(
    { version: sources.version },
    1,
  )

  return {
    ended(entry) {
      const named = sources.models.of(entry.provider, entry.model)
      attempts.inc({ ...named, outcome: entry.outcome, evidence: entry.evidence })
      tokens.inc({ ...named, side: 'input' }, inputTokens(entry.usage) ?? 0)
      tokens.inc({ ...named, side: 'output' }, outputTokens(entry.usage) ?? 0)
      cost.inc(named, Number(entry.costNanoUsd ?? 0n))
      if (entry.firstByteMs !== null) firstByte.observe({ provider: named.provider }, seconds(entry.firstByteMs))
    },
    refused: (code) => refusals.inc({ code }),
    sent: (addedMs) => added.observe(seconds(addedMs)),
    committed(plans, durationMs) {
      commitPlans.observe(plans)
      commitTime.observe(seconds(durationMs))
    },
    storeFailed: () => storeFailures.inc(),
    eventLoopBlocked(durationMs) {
      blocked.inc()
      blockedTime.inc(seconds(durationMs))
    },
    alertAttempted: (channel, outcome) => alerts.inc({ channel, outcome }),
    reportingFailed: () => reportingFailures.inc(),
    expose: async () => ({ contentType: register.contentType, body: await register.metrics() }),
  }
}

const seconds = (ms: number) => ms / 1000
