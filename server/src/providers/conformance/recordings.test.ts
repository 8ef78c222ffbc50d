import { describe, expect, test } from 'vitest'
import { costOf, type Price, type Rates } from '../../core/price.ts'
import { implausible } from '../../core/usage.ts'
import { bytesOf, type RecordedRates, type Recording, RECORDINGS, recorded, replay, type Replayed } from './replay.ts'

test('there are recordings, each in a file of its name', () => {
  expect(RECORDINGS.length).toBeGreaterThanOrEqual(60)
  expect(new Set(RECORDINGS.map(({ format, name }) => `${format}/${name}`)).size).toBe(RECORDINGS.length)
})

/** Streams that are complete without the frame that ends others of their kind. */
const WITHOUT_END = new Set([
  'openai-chat/stream-done-missing',
  'anthropic-messages/stream-stop-missing',
  'bedrock-invoke/stream-usage-missing',
])

describe.each(RECORDINGS)('$format/$name', (recording) => {
  const { relayedBody, expected } = recording
  const bytes = bytesOf(recording)
  const whole = replay(recording, [bytes])

  test(`M01, M02, M05: ${recording.about}`, () => {
    expect(whole.reading.usage ?? null).toEqual(expected.usage)
    expect(whole.reading).toMatchObject({
      reportedTotal: expected.reportedTotal ?? undefined,
      servedModel: expected.servedModel,
      finished: expected.finished,
      failed: expected.failed,
      outputText: expected.outputText,
      outputLength: expected.outputText.length,
    })
    expect(whole.reading.rawUsage === null).toBe(expected.usage === null)
    const relayed = relayedBody === undefined ? bytes : Buffer.from(relayedBody)
    expect(whole.relayed.toString('latin1')).toBe(relayed.toString('latin1'))
  })

  test('M03, M04: cut anywhere, and one byte at a time, it reads and relays the same', () => {
    const differing = Array.from(bytes.keys()).filter(
      (at) => !same(replay(recording, [bytes.subarray(0, at), bytes.subarray(at)]), whole),
    )
    expect(differing).toEqual([])
    expect(
      same(
        replay(
          recording,
          Array.from(bytes, (byte) => Buffer.of(byte)),
        ),
        whole,
      ),
    ).toBe(true)
  })

  test('F01: what ends a whole answer waits for the entry', () => {
    if (expected.finished) expect(whole.held > 0).toBe(!WITHOUT_END.has(`${recording.format}/${recording.name}`))
  })

  test('M05: any frame that comes twice changes no figure', () => {
    expect(replay(recording, [bytes], 2).reading.usage).toEqual(whole.reading.usage)
  })

  test('its cost is what was worked out by hand, and what cannot be is not believed', () => {
    const { usage, reportedTotal } = whole.reading
    if (usage && recording.response.status < 400 && expected.finished)
      expect(implausible(usage, reportedTotal, undefined) !== undefined).toBe(expected.implausible === true)
    if (!expected.cost) return
    const { cost: by } = expected
    const elsewhere = new Map(Object.entries(by.elsewhere ?? {}))
    const cost = costOf(usage!, priceOf(by, usage!.serviceTier), (model) => {
      const rates = elsewhere.get(model)
      return rates && priceOf(rates, usage!.serviceTier)
    })
    expect(cost).toMatchObject({ kind: 'priced', costNanoUsd: BigInt(expected.cost.costNanoUsd) })
  })
})

/** Compared without the test engine, which would take minutes for so many. */
function same(a: Replayed, b: Replayed): boolean {
  return a.relayed.equals(b.relayed) && a.held === b.held && JSON.stringify(a.reading) === JSON.stringify(b.reading)
}

/** A price that has a table for the tier that served and for no other, so that a tier that was overlooked is unpriced. */
function priceOf(
  by: Pick<NonNullable<Recording['expected']['cost']>, 'ratesPicoUsd' | 'toolCallRatesPicoUsd' | 'tiers'>,
  serviceTier?: string,
): Price {
  const tiers = (by.tiers ?? []).map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, rates: ratesOf(tier) }))
  const table = { rates: ratesOf(by), tiers }
  const row = { version: 'test', provider: 'test', model: 'test', source: 'test' }
  if (serviceTier === undefined) return { ...row, ...table }
  return { ...row, rates: { perToken: {}, perToolCall: {} }, tiers: [], serviceTiers: { [serviceTier]: table } }
}

function ratesOf({ ratesPicoUsd, toolCallRatesPicoUsd = {} }: RecordedRates): Rates {
  return { perToken: exact(ratesPicoUsd), perToolCall: exact(toolCallRatesPicoUsd) }
}

function exact(rates: Readonly<Record<string, number>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(rates).map(([what, rate]) => [what, BigInt(rate)]))
}

test('M30: Anthropic: a written cache is charged once, at its own rate: $0.054399', () => {
  for (const name of ['anthropic-messages/plain-cached', 'anthropic-messages/stream-cached']) {
    const { usage } = replay(recorded(name), [bytesOf(recorded(name))]).reading
    const cacheWrites = { inCacheWrite5m: 3_750_000, inCacheWriteOther: 3_750_000 }
    const rates = { inUncached: 3_000_000, inCacheRead: 300_000, outText: 15_000_000, ...cacheWrites }
    expect(costOf(usage!, priceOf({ ratesPicoUsd: rates }))).toMatchObject({ costNanoUsd: 54_399_000n })
  }
})

test('M31: OpenAI: cached tokens are inside prompt_tokens, and the rest is never negative unseen', () => {
  const cached = recorded('openai-chat/plain-cached')
  const { buckets } = replay(cached, [bytesOf(cached)]).reading.usage!
  expect(buckets).toMatchObject({ inUncached: 2006 - 1920, inCacheRead: 1920 })
  const wrong = recorded('openai-chat/plain-impossible')
  const { usage } = replay(wrong, [bytesOf(wrong)]).reading
  expect(implausible(usage!, 12, undefined)).toContain('inUncached is -54')
})

test('B23: an end that is missing, repeated or followed by more is one end, with the usage that came', () => {
  for (const name of ['done-missing', 'done-repeated', 'usage-first']) {
    const recording = recorded(`openai-chat/stream-${name}`)
    const { reading } = replay(recording, [bytesOf(recording)])
    expect(reading).toMatchObject({ finished: true, failed: false, reportedTotal: 22 })
    expect(reading.usage!.buckets).toMatchObject({ inUncached: 19, outText: 3 })
  }
})
