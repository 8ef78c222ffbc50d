import { expect, test, vi } from 'vitest'
import type { Entry } from '../core/entry.ts'
import { openEvents } from './events.ts'
import { ENTRY, openTestMetrics } from './events.test.fixture.ts'
import { openLog } from './log.ts'

function opened(metrics = openTestMetrics()) {
  const lines: string[] = []
  const log = openLog('info', (line) => void lines.push(line))
  return {
    lines,
    metrics,
    events: openEvents(log, metrics),
    told: () => lines.map((line) => JSON.parse(line) as object),
  }
}

test('a call that ends is one line of ids and numbers, and no text of anybody', () => {
  const { events, told, lines } = opened()
  events.ended(ENTRY)
  expect(told()).toEqual([
    {
      ...{
        level: 'info',
        time: expect.any(String),
        msg: 'call ended',
        callId: 'call-1',
        attemptId: 'attempt-1',
        attempt: 1,
      },
      ...{ userId: 'alice', keyId: 'key_1', provider: 'openai', model: 'gpt-4o', stream: true },
      ...{ outcome: 'completed', evidence: 'reported', ending: 'settled', status: 200, tokens: 22 },
      ...{ costNanoUsd: '1152921504606846976', durationMs: 1200, firstByteMs: 250 },
    },
  ])
  expect(lines.join('')).not.toContain('canary')
})

test('what was ingested or swept is told once; what the gateway tells itself is not told again', () => {
  const { events, told } = opened()
  const plan = (ending: Entry['ending']) => ({ tenantId: 't', adds: [], rollups: [], entry: { ...ENTRY, ending } })
  events.committed([plan('settled'), plan('voided'), plan('expired'), plan('ingested')], 1)
  expect(told().map((line) => (line as { msg: string }).msg)).toEqual(['hold expired', 'usage ingested'])
})

test('a refusal says which limit, and not what was asked', () => {
  const { events, told } = opened()
  events.refused({
    ...{
      callId: 'call-1',
      atMs: 0,
      tenantId: 't',
      userId: 'alice',
      keyId: 'key_1',
      provider: null,
      model: 'm'.repeat(5000),
    },
    error: { code: 'limit_reached', status: 429, message: 'canary', hint: 'h', details: { limitId: 'limit-1' } },
  })
  expect(told()).toEqual([
    expect.objectContaining({
      msg: 'call refused',
      code: 'limit_reached',
      status: 429,
      limitId: 'limit-1',
      userId: 'alice',
    }),
  ])
  expect(JSON.stringify(told())).not.toMatch(/canary|m{101}/)
})

test('reporting never throws, and says that it failed', async () => {
  const metrics = openTestMetrics()
  const broken = {
    ...metrics,
    ended: vi.fn(() => {
      throw new Error('out of memory')
    }),
  }
  const { events } = opened(broken)
  expect(() => events.ended(ENTRY)).not.toThrow()
  expect(broken.ended).toHaveBeenCalled()
  expect((await metrics.expose()).body).toContain('token_trackr_reporting_failures_total 1')
})
