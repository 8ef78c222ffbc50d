import { expect, test } from 'vitest'
import { ENTRY, openTestMetrics } from './events.test.fixture.ts'
import { modelNames } from './model-names.ts'

test('what is counted is what the entries say; what is unknown is no 0 but nothing', async () => {
  const metrics = openTestMetrics()
  metrics.ended({ ...ENTRY, costNanoUsd: 50_100n })
  metrics.ended({ ...ENTRY, evidence: 'unknown', usage: { buckets: {} }, costNanoUsd: null, firstByteMs: null })
  metrics.refused('limit_reached')
  metrics.committed(7, 3)
  metrics.storeFailed()
  metrics.eventLoopBlocked(2_000)
  metrics.sent(4)
  const { body, contentType } = await metrics.expose()
  expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  const of = 'provider="openai",model="gpt-4o"'
  for (const line of [
    `token_trackr_attempts_total{${of},outcome="completed",evidence="reported"} 1`,
    `token_trackr_attempts_total{${of},outcome="completed",evidence="unknown"} 1`,
    `token_trackr_tokens_total{${of},side="input"} 15`,
    `token_trackr_tokens_total{${of},side="output"} 7`,
    `token_trackr_cost_nano_usd_total{${of}} 50100`,
    'token_trackr_refusals_total{code="limit_reached"} 1',
    'token_trackr_first_byte_seconds_sum{provider="openai"} 0.25',
    'token_trackr_added_seconds_sum 0.004',
    'token_trackr_commit_plans_sum 7',
    'token_trackr_commit_seconds_sum 0.003',
    'token_trackr_store_failures_total 1',
    'token_trackr_event_loop_blocked_seconds_total 2',
    'token_trackr_event_loop_lag_longest_seconds 0.04',
    'token_trackr_open_calls 3',
    'token_trackr_open_holds 2',
    'token_trackr_drains 1',
    'token_trackr_ready 1',
    'token_trackr_info{version="1.2.3"} 1',
  ])
    expect(body.split('\n')).toContain(line)
})

test('Q21: however many models are called or reported, the series are few, and name nobody', async () => {
  const metrics = openTestMetrics()
  for (let index = 0; index < 10_000; index++) {
    metrics.ended({ ...ENTRY, model: `gpt-4o-${index}` })
    metrics.ended({ ...ENTRY, provider: `invented-${index}`, model: 'canary-model' })
  }
  const { body } = await metrics.expose()
  expect(body.split('\n').length).toBeLessThan(1_500)
  expect(body).not.toMatch(/canary|alice|key_1|invented/)
  expect(body).toContain(
    'token_trackr_attempts_total{provider="openai",model="other",outcome="completed",evidence="reported"}',
  )
  expect(body).toContain(
    'token_trackr_attempts_total{provider="other",model="other",outcome="completed",evidence="reported"} 10000',
  )
})

test('providers are bounded too', () => {
  const names = modelNames(() => true)
  const providers = new Set<string>()
  for (let index = 0; index < 100; index++) providers.add(names.of(`provider-${index}`, 'model').provider)
  expect(providers.size).toBe(31)
})
