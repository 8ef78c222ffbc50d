import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Meter, MeterReading, RequestBody } from '../core/ports/format.ts'
import { costOf, type Price } from '../core/price.ts'
import { parseRequestBody } from '../core/request-body.ts'
import { implausible, type Usage } from '../core/usage.ts'
import { FORMATS, type FormatName } from './formats/all.ts'
import { jsonBodyFraming } from './framing/json-body.ts'
import { sseFraming } from './framing/sse.ts'

interface Recording {
  readonly name: string
  readonly about: string
  readonly format: FormatName
  readonly mode: 'stream' | 'body'
  readonly request: object
  readonly response: { readonly status: number; readonly body: string }
  readonly relayedBody?: string
  readonly expected: Pick<MeterReading, 'servedModel' | 'finished' | 'failed' | 'outputText'> & {
    readonly usage: Usage | null
    readonly reportedTotal: number | null
    readonly implausible?: true
    readonly cost?: {
      readonly ratesPicoUsd: Readonly<Record<string, number>>
      readonly toolCallRatesPicoUsd?: Readonly<Record<string, number>>
      readonly costNanoUsd: number
    }
  }
}

const FOLDER = new URL('../../../contract/wires/', import.meta.url)
const recordings = Object.keys(FORMATS).flatMap((format) =>
  readdirSync(new URL(`${format}/`, FOLDER)).map(
    (file) => JSON.parse(readFileSync(new URL(`${format}/${file}`, FOLDER), 'utf8')) as Recording,
  ),
)

interface Replayed {
  readonly relayed: Buffer
  readonly held: number
  readonly reading: MeterReading
}

/** Replays an answer that comes in the given pieces, as the relay would. */
function replay({ format, mode, request }: Recording, pieces: readonly Buffer[]): Replayed {
  const body = parseRequestBody(JSON.stringify(request))
  const meter = meterFor(format, mode, body)
  const framing = mode === 'stream' ? sseFraming() : jsonBodyFraming()
  const relayed: Buffer[] = []
  let held = 0
  for (const piece of [...pieces.flatMap((bytes) => framing.push(bytes)), ...framing.end()]) {
    const verdict = piece.kind === 'frame' ? meter.frame(piece.frame) : 'pass'
    if (verdict === 'hold') held++
    if (typeof verdict === 'object') relayed.push(verdict.replaceWith)
    else if (verdict !== 'drop') relayed.push(piece.kind === 'frame' ? piece.frame.raw : piece.raw)
  }
  return { relayed: Buffer.concat(relayed), held, reading: meter.reading() }
}

function meterFor(format: FormatName, mode: Recording['mode'], body: RequestBody): Meter {
  const stream = mode === 'stream'
  return FORMATS[format].meter({
    headers: {},
    stream,
    stripUsage: stream && !FORMATS[format].reportsUsageUnasked(body),
  })
}

test('there are recordings, each in a file of its name', () => {
  expect(recordings.length).toBeGreaterThanOrEqual(60)
  expect(new Set(recordings.map(({ format, name }) => `${format}/${name}`)).size).toBe(recordings.length)
})

describe.each(recordings)('$format/$name', (recording) => {
  const { response, relayedBody, expected } = recording
  const bytes = Buffer.from(response.body)
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
    expect(whole.relayed.toString()).toBe(relayedBody ?? response.body)
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

  test('M05: any frame that comes twice changes no figure', () => {
    const body = parseRequestBody(JSON.stringify(recording.request))
    const meter = meterFor(recording.format, recording.mode, body)
    const framing = recording.mode === 'stream' ? sseFraming() : jsonBodyFraming()
    for (const piece of [...framing.push(bytes), ...framing.end()])
      if (piece.kind === 'frame') for (let times = 0; times < 2; times++) meter.frame(piece.frame)
    expect(meter.reading().usage).toEqual(whole.reading.usage)
  })

  test('its cost is what was worked out by hand, and what cannot be is not believed', () => {
    const { usage, reportedTotal } = whole.reading
    if (usage && recording.response.status < 400 && expected.finished)
      expect(implausible(usage, reportedTotal, undefined) !== undefined).toBe(expected.implausible === true)
    if (!expected.cost) return
    const cost = costOf(usage!, priceOf(expected.cost))
    expect(cost).toMatchObject({ kind: 'priced', costNanoUsd: BigInt(expected.cost.costNanoUsd) })
  })
})

/** Compared without the test engine, which would take minutes for so many. */
function same(a: Replayed, b: Replayed): boolean {
  return a.relayed.equals(b.relayed) && a.held === b.held && JSON.stringify(a.reading) === JSON.stringify(b.reading)
}

function priceOf({ ratesPicoUsd, toolCallRatesPicoUsd = {} }: NonNullable<Recording['expected']['cost']>): Price {
  const rates = { perToken: exact(ratesPicoUsd), perToolCall: exact(toolCallRatesPicoUsd) }
  return { version: 'test', provider: 'test', model: 'test', source: 'test', rates, tiers: [] }
}

function exact(rates: Readonly<Record<string, number>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(rates).map(([what, rate]) => [what, BigInt(rate)]))
}

const recorded = (name: string) => recordings.find((recording) => `${recording.format}/${recording.name}` === name)!

test('M30: Anthropic: a written cache is charged once, at its own rate: $0.054399', () => {
  for (const name of ['anthropic-messages/plain-cached', 'anthropic-messages/stream-cached']) {
    const { usage } = replay(recorded(name), [Buffer.from(recorded(name).response.body)]).reading
    const cacheWrites = { inCacheWrite5m: 3_750_000, inCacheWriteOther: 3_750_000 }
    const rates = { inUncached: 3_000_000, inCacheRead: 300_000, outText: 15_000_000, ...cacheWrites }
    expect(costOf(usage!, priceOf({ ratesPicoUsd: rates, costNanoUsd: 0 }))).toMatchObject({ costNanoUsd: 54_399_000n })
  }
})

test('M31: OpenAI: cached tokens are inside prompt_tokens, and the rest is never negative unseen', () => {
  const cached = recorded('openai-chat/plain-cached')
  const { buckets } = replay(cached, [Buffer.from(cached.response.body)]).reading.usage!
  expect(buckets).toMatchObject({ inUncached: 2006 - 1920, inCacheRead: 1920 })
  const wrong = recorded('openai-chat/plain-impossible')
  const { usage } = replay(wrong, [Buffer.from(wrong.response.body)]).reading
  expect(implausible(usage!, 12, undefined)).toContain('inUncached is -54')
})

test('B23: an end that is missing, repeated or followed by more is one end, with the usage that came', () => {
  for (const name of ['done-missing', 'done-repeated', 'usage-first']) {
    const recording = recorded(`openai-chat/stream-${name}`)
    const { reading } = replay(recording, [Buffer.from(recording.response.body)])
    expect(reading).toMatchObject({ finished: true, failed: false, reportedTotal: 22 })
    expect(reading.usage!.buckets).toMatchObject({ inUncached: 19, outText: 3 })
  }
})
