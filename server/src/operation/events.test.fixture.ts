import type { Entry } from '../core/entry.ts'
import { type Metrics, openMetrics } from './metrics.ts'
import { modelNames } from './model-names.ts'

/** For tests: an entry full of texts that must not be told. */
export const ENTRY: Entry = {
  ...{ id: 'attempt-1', callId: 'call-1', attempt: 1, tenantId: 'canary-tenant', userId: 'alice', keyId: 'key_1' },
  ...{ provider: 'openai', model: 'gpt-4o', format: 'openai-chat', stream: true },
  audit: { question: 'canary-question', collection: 'canary-collection', sessionId: 'canary-session' },
  labels: { team: 'canary-label' },
  ...{ outcome: 'completed', evidence: 'reported', ending: 'settled', httpStatus: 200, firstByteMs: 250 },
  usage: { buckets: { inUncached: 10, inCacheRead: 5, outText: 7 } },
  rawUsage: '{"canary":"raw"}',
  ...{ quarantine: null, servedModel: null, costNanoUsd: 2n ** 60n, priceVersion: null, durationMs: 1200 },
  ...{ countedAtMs: 0, occurredAtMs: 0, held: { tokens: 0n, requests: 1n, costNanoUsd: 0n } },
}

/** For tests: metrics that know the models of OpenAI. */
export function openTestMetrics(): Metrics {
  return openMetrics({
    version: '1.2.3',
    models: modelNames((provider) => provider === 'openai'),
    ...{
      openCalls: () => 3,
      openHolds: () => 2,
      drains: () => 1,
      isReady: () => true,
      spooledCalls: () => 0,
      alertsWaiting: async () => new Map([['webhook', 2]] as const),
      longestEventLoopLagMs: () => 40,
      redis: { isReached: true, refusals: { count: 5 } },
    },
  })
}
