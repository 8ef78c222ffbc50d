import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from './control-plane.ts'
import { type Stage, stage } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall } from './wire.ts'

/** Far from each other, with half and quarter hours, and with a change of clocks in the days that are looked at. */
const ZONES = ['UTC', 'Europe/Amsterdam', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Chatham', 'Asia/Shanghai']
const FROM = '2026-10-22'
const TO = '2026-11-04'
const SUMS = ['requests', 'totalTokens', 'costNanoUsd']

let on: Stage
/** What was sent, as the one who sent it knows it. */
const sent: { atMs: number; tokens: number; costNanoUsd: number }[] = []
beforeAll(async () => {
  on = await stage()
  const random = randomFrom(20)
  const from = Date.parse(`${FROM}T00:00:00Z`) - 86_400_000
  const span = Date.parse(`${TO}T00:00:00Z`) + 86_400_000 - from
  const { key } = await on.server.control.newUser(null)
  await Promise.all(
    Array.from({ length: 150 }, async (_, index) => {
      const atMs = from + random.below(span)
      const [prompt_tokens, completion_tokens] = [1 + random.below(900), 1 + random.below(90)]
      const [provider, model] = random.from([
        ['openai', 'gpt-4o-mini'],
        ['anthropic', 'claude-haiku-4-5'],
      ] as const)
      const timestamp = new Date(atMs).toISOString()
      const event = { id: `event-${index}`, provider, model, prompt_tokens, completion_tokens, timestamp }
      const answer = await call(on.server.url, '/usage', key, event)
      expect(answer.status).toBe(201)
      const { costNanoUsd } = JSON.parse(answer.bytes.toString())
      sent.push({ atMs, tokens: prompt_tokens + completion_tokens, costNanoUsd })
    }),
  )
  // And some that happened here and now.
  for (const turn of [1, 2, 3]) {
    await call(on.server.url, CHAT, key, chatCall({ stream: turn === 1 }))
    await call(on.server.url, MESSAGES, key, messagesCall())
  }
})
afterAll(() => on.close())

const midnight = (day: Temporal.PlainDate, zone: string) => day.toZonedDateTime(zone).toInstant()
const read = async (path: string, query: Record<string, string>): Promise<Json> => {
  const { status, body } = await on.server.control.ask('GET', `${path}?${new URLSearchParams(query)}`)
  expect(status).toBe(200)
  return body
}
const picked = (of: Json) => Object.fromEntries(SUMS.map((name) => [name, Number(of[name])]))
const added = (all: Json[]) =>
  Object.fromEntries(SUMS.map((name) => [name, all.reduce((sum, one) => sum + Number(one[name]), 0)]))

test.each(ZONES)(
  'T10, T13: in %s the days, the range, the trend, the entries and the command line say the same',
  async (zone) => {
    const [first, last] = [Temporal.PlainDate.from(FROM), Temporal.PlainDate.from(TO)]
    const range = { from: String(midnight(first, zone)), to: String(midnight(last, zone)), zone }
    const inRange = sent.filter(({ atMs }) => atMs >= Date.parse(range.from) && atMs < Date.parse(range.to))
    const expected = {
      requests: inRange.length,
      totalTokens: inRange.reduce((sum, { tokens }) => sum + tokens, 0),
      costNanoUsd: inRange.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
    }
    expect(inRange.length).toBeGreaterThan(50)
    const summary = await read('/api/summary', range)
    expect(summary.zone).toBe(zone)
    expect(picked(summary)).toEqual(expected)
    expect(added(summary.byModel)).toEqual(expected)

    const days: Temporal.PlainDate[] = []
    for (let day = first; Temporal.PlainDate.compare(day, last) < 0; day = day.add({ days: 1 })) days.push(day)
    const dayByDay = await Promise.all(
      days.map((day) =>
        read('/api/summary', {
          from: String(midnight(day, zone)),
          to: String(midnight(day.add({ days: 1 }), zone)),
          zone,
        }),
      ),
    )
    expect(added(dayByDay)).toEqual(expected)

    for (const by of ['none', 'model']) {
      const trend = await read('/api/trend', { ...range, bucket: 'day', by })
      expect(trend.zone).toBe(zone)
      const points: Json[] = trend.series.flatMap((series: Json) => series.points)
      expect(added(points)).toEqual(expected)
      for (const [at, day] of days.entries()) {
        const start = midnight(day, zone).epochMilliseconds
        const ofDay = points.filter((point) => Date.parse(point.start) === start)
        expect(added(ofDay), `${by} ${day.toString()}`).toEqual(picked(dayByDay[at]))
      }
    }

    const entries: Json[] = []
    let cursor: string | null = null
    do {
      const page = await read('/api/entries', {
        from: range.from,
        to: range.to,
        limit: '200',
        ...(cursor && { cursor }),
      })
      entries.push(...page.entries)
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(added(entries.map((entry) => ({ ...entry, requests: 1 })))).toEqual(expected)

    const options = ['--since', FROM, '--until', TO, '--zone', zone]
    const { code, output } = await on.installation.tt('--json', 'usage', ...options)
    expect(code, output).toBe(0)
    expect(output).toContain(zone)
    expect(picked(JSON.parse(output))).toEqual(expected)
  },
)

test('T13: today, as it is now, is the same wherever it is read', async () => {
  const summary = await read('/api/summary', { zone: 'UTC' })
  const { output } = await on.installation.tt('--json', 'usage', '--zone', 'UTC')
  expect(picked(JSON.parse(output))).toEqual(picked(summary))
  // Three chats and three messages, or fewer where it was midnight meanwhile.
  expect(summary.requests).toBeGreaterThan(0)
})
