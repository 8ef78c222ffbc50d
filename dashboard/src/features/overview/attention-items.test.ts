import { expect, test } from 'vitest'
import type { Crossing, EntryRow, Limit, Summary } from '../../lib/contract.ts'
import { type AttentionInput, attentionItems } from './attention-items.ts'

const limit = (
  id: string,
  settled: number,
  held: number,
  amount: number | null,
  mode: Limit['mode'] = 'hard',
): Limit => ({
  limitId: id,
  scope: { kind: 'user', id },
  metric: 'tokens',
  window: { kind: 'lifetime' },
  amount,
  mode,
  settled,
  held,
  resetsAt: null,
  thresholds: [],
})
const summary = (over: Partial<Summary>): Summary =>
  ({
    entries: 10,
    unpricedEntries: 0,
    byEvidence: { reported: 10 },
    refusals: { total: 0, byCode: {}, shadow: 0 },
    ...over,
  }) as Summary
const QUIET: AttentionInput = {
  summary: summary({}),
  limits: [],
  crossings: [],
  channels: [],
  health: { deployments: [], ledger: { spooledCalls: 0 } },
  quarantined: [],
  clock: (at) => at,
}
const crossing = (over: Partial<Crossing>): Crossing => ({
  ...{ id: '1', limitId: 'gone', threshold: 80, amount: 100, settled: 96, at: 'now', text: 'used 96%' },
  ...{ limit: null, deliveries: [], ...over },
})
const items = (input: Partial<AttentionInput>) => attentionItems({ ...QUIET, ...input })
const titles = (input: Partial<AttentionInput>) =>
  items(input).map(({ severity, title, name }) => `${severity}: ${name === undefined ? title : `${title} ${name}`}`)

test('B30: usages that were not believed come first, with the newest reason', () => {
  const entry = { provider: 'openai', model: 'gpt-4o', quarantine: 'inUncached is -54, which is no count of tokens' }
  const many = (count: number) => Array.from({ length: count }, () => entry as EntryRow)
  expect(titles({ quarantined: many(1), summary: summary({ unpricedEntries: 2 }) })).toEqual([
    'danger: 1 entry was quarantined',
    'warning: 2 entries have no price',
  ])
  expect(titles({ quarantined: many(20) })).toEqual(['danger: 20 or more entries were quarantined'])
  const [item] = items({ quarantined: many(2) })
  expect(item).toMatchObject({ to: '/requests', parameters: { quarantined: 'true' } })
  expect(item!.detail).toContain('inUncached is -54')
})

test('where all is well, nothing needs attention', () => {
  expect(titles({ limits: [limit('ada', 10, 0, 100), limit('free', 999, 0, null), limit('closed', 0, 0, 0)] })).toEqual(
    [],
  )
})

test('limits that are reached come before those that are near or held, and a soft one stops nobody', () => {
  const limits = [
    limit('near', 80, 0, 100),
    limit('held', 90, 10, 100),
    limit('over', 101, 0, 100),
    limit('soft', 150, 0, 100, 'soft'),
  ]
  expect(titles({ limits })).toEqual([
    'danger: User over',
    'warning: User soft',
    'warning: User held',
    'warning: User near',
  ])
  expect(items({ limits }).map(({ detail }) => detail.split(',')[0])).toEqual([
    'Lifetime tokens: limit reached',
    'Lifetime tokens: limit reached (soft)',
    'Lifetime tokens: all held by running calls',
    'Lifetime tokens: nearly reached',
  ])
})

test('many limits are counted rather than listed', () => {
  const limits = Array.from({ length: 12 }, (_, at) => limit(`u${at}`, 90, 0, 100))
  expect(titles({ limits }).at(-1)).toBe('warning: 7 more limits near or reached')
})

test('refusals, missing prices, guessed usage, cooling deployments and crossings are each told once', () => {
  const said = titles({
    summary: summary({
      unpricedEntries: 2,
      byEvidence: { reported: 9, estimated: 1 },
      refusals: { total: 3, byCode: { limit_reached: 3 }, shadow: 1 },
    }),
    health: {
      ledger: { spooledCalls: 2 },
      deployments: [
        {
          name: 'eu',
          provider: 'openai',
          model: 'm',
          format: 'f',
          state: 'cooling',
          coolsUntil: 'soon',
          attempts: 1,
          failures: 1,
          lastFailure: null,
          medianFirstByteMs: null,
        },
      ],
    },
    limits: [limit('ada', 90, 0, 100)],
    crossings: [
      crossing({ id: '1', limitId: 'ada', limit: limit('ada', 81, 0, 100) }),
      crossing({ id: '2', limitId: 'gone', threshold: 95 }),
    ],
  })
  expect(said).toEqual([
    'danger: 2 calls went without the ledger',
    'danger: eu at openai is cooling down until soon',
    'warning: User ada',
    'warning: 3 calls were refused',
    'warning: 2 entries have no price',
    'info: 10\u00a0% of entries were not reported by the provider',
    'info: 1 call would have been refused by shadow limits',
    'info: A limit that is gone',
  ])
})

test('a channel over which nobody hears is told first, and a crossing says how it was told', () => {
  const delivery = { channel: 'webhook', attempts: 3, lastAt: '14:02', nextAt: '14:05', error: 'answered 500' }
  const said = items({
    channels: [
      { channel: 'webhook', target: 'https://a', waiting: 2, failing: { ...delivery, state: 'waiting' } },
      { channel: 'other', target: 'https://b', waiting: 1, failing: null },
    ],
    crossings: [
      crossing({ deliveries: [{ ...delivery, state: 'delivered', error: null, nextAt: null }] }),
      crossing({ id: '2', deliveries: [{ ...delivery, state: 'given_up', nextAt: null }] }),
      crossing({ id: '3', deliveries: [{ ...delivery, state: 'waiting' }] }),
    ],
  })
  expect(said.map(({ title, detail }) => `${title}. ${detail}`)).toEqual([
    '2 alerts wait for the webhook. The last of 3 attempts: answered 500. The next attempt is at 14:05',
    'A limit that is gone. 80\u00a0% crossed at now, told by webhook at 14:02',
    'A limit that is gone. 80\u00a0% crossed at now, webhook given up: answered 500',
    'A limit that is gone. 80\u00a0% crossed at now, webhook not told yet: answered 500',
  ])
})
