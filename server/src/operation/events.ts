import type { AttemptEnd, Delivery } from '../core/delivery.ts'
import type { Entry } from '../core/entry.ts'
import { jsonInteger } from '../core/json-integer.ts'
import type { Plan } from '../core/plan.ts'
import type { GatewayEvents } from '../gateway/events.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { totalTokens } from '../core/usage.ts'

/** Everything that happens here and that people or Prometheus are told of. */
export interface Events extends GatewayEvents {
  /** Plans were committed together; those among them that bring an entry without a call are told one by one. */
  committed(plans: readonly Plan[], durationMs: number): void
  storeFailed(): void
  eventLoopBlocked(durationMs: number): void
  /** Of calls that go without the ledger. */
  readonly spool: SpoolEvents
  /** An attempt to tell people of a crossing was made, and marked. */
  alertAttempted(delivery: Delivery, end: AttemptEnd): void
  started(address: string, version: string): void
  stopping(openCalls: number): void
  stopped(isClean: boolean): void
}

export interface SpoolEvents {
  began(mostCalls: number): void
  found(calls: number): void
  expired(entry: Entry): void
  over(calls: number): void
}

/** Tells the log and the metrics, in one place and in the same words. Nothing here throws, whatever fails. */
export function openEvents(log: Log, metrics: Metrics): Events {
  return neverThrowing(metrics, {
    ended(entry) {
      metrics.ended(entry)
      log.told('call ended', { callId: entry.callId, ...told(entry) })
    },
    refused({ callId, userId, keyId, provider, model, error }) {
      metrics.refused(error.code)
      const { code, status, details } = error
      const named = { callId, userId, keyId, provider, model: model?.slice(0, LONGEST_MODEL) ?? null }
      log.told('call refused', { ...named, code, status, limitId: details?.['limitId'] ?? null })
    },
    sent: metrics.sent,
    committed(plans, durationMs) {
      metrics.committed(plans.length, durationMs)
      for (const { entry } of plans)
        if (entry && (entry.ending === 'ingested' || entry.ending === 'expired')) {
          metrics.ended(entry)
          log.told(entry.ending === 'ingested' ? 'usage ingested' : 'hold expired', told(entry))
        }
    },
    storeFailed: metrics.storeFailed,
    eventLoopBlocked(durationMs) {
      metrics.eventLoopBlocked(durationMs)
      log.notice('the event loop was blocked', { durationMs: Math.round(durationMs) })
    },
    spool: {
      began: (mostCalls) => log.notice('calls go without the ledger', { mostCalls }),
      found: (calls) => log.notice('calls found that went without the ledger', { calls }),
      expired(entry) {
        metrics.ended(entry)
        log.told('spooled call expired', { callId: entry.callId, ...told(entry) })
      },
      over: (calls) => log.notice('all calls that went without the ledger are in it', { calls }),
    },
    alertAttempted({ crossingId, channel, attempts }, end) {
      metrics.alertAttempted(channel, end.kind)
      const named = { crossingId, channel, attempts }
      if (end.kind === 'delivered') log.told('alert delivered', named)
      else log.notice(`alert ${NOT_TOLD[end.kind]}`, { ...named, reason: end.error })
    },
    started: (address, version) => log.told('started', { address, version, pid: process.pid }),
    stopping: (openCalls) => log.told('stopping', { openCalls }),
    stopped: (isClean) => log.told('stopped', { isClean }),
  })
}

const NOT_TOLD = { failed: 'failed, and will be told again', given_up: 'given up' } as const
/** What a client asked for may be no model at all. */
const LONGEST_MODEL = 100

/** An entry for the log: ids and numbers. Texts, labels and the provider's own usage stay in the ledger. */
function told(entry: Entry) {
  const { userId, keyId, provider, model, outcome, evidence, ending, stream, durationMs, firstByteMs } = entry
  return {
    attemptId: entry.id,
    attempt: entry.attempt,
    ...{ userId, keyId, provider, model, outcome, evidence, ending, stream },
    status: entry.httpStatus,
    tokens: totalTokens(entry.usage) ?? null,
    costNanoUsd: entry.costNanoUsd === null ? null : jsonInteger(entry.costNanoUsd),
    ...{ durationMs, firstByteMs },
  }
}

function neverThrowing(metrics: Metrics, events: Events): Events {
  const quiet =
    <A extends unknown[]>(tell: (...args: A) => void) =>
    (...args: A): void => {
      try {
        tell(...args)
      } catch {
        // Reporting that a report failed would fail as well; a counter says that it happens.
        try {
          metrics.reportingFailed()
        } catch {
          return
        }
      }
    }
  return {
    ended: quiet(events.ended),
    refused: quiet(events.refused),
    sent: quiet(events.sent),
    committed: quiet(events.committed),
    storeFailed: quiet(events.storeFailed),
    eventLoopBlocked: quiet(events.eventLoopBlocked),
    spool: {
      began: quiet(events.spool.began),
      found: quiet(events.spool.found),
      expired: quiet(events.spool.expired),
      over: quiet(events.spool.over),
    },
    alertAttempted: quiet(events.alertAttempted),
    started: quiet(events.started),
    stopping: quiet(events.stopping),
    stopped: quiet(events.stopped),
  }
}
