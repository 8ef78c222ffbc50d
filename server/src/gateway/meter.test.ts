import { expect, test } from 'vitest'
import type { Format, MeterReading, RequestBody } from '../core/ports/format.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import type { Price } from '../core/price.ts'
import type { Usage } from '../core/usage.ts'
import { readingOf, servedPrices } from './meter.ts'

const priceAt = (model: string, input: bigint): Price => {
  const table = { rates: { perToken: { inUncached: input, outText: input }, perToolCall: {} }, tiers: [] }
  const flex = { rates: { perToken: { inUncached: 1_000n, outText: 1_000n }, perToolCall: {} }, tiers: [] }
  return { version: `v-${model}`, provider: 'p', model, source: 'test', ...table, serviceTiers: { flex } }
}
const PRICES = new Map([
  ['asked', priceAt('asked', 2_000n)],
  ['served', priceAt('served', 3_000n)],
  ['advisor', priceAt('advisor', 50_000n)],
])
const book = { price: (_provider: string, model: string) => PRICES.get(model) } as unknown as PriceBook

async function read(usage: Usage | undefined, more: Partial<MeterReading> = {}, unread = {}) {
  const meter: MeterReading = {
    ...{ usage, reportedTotal: undefined, rawUsage: '{}', servedModel: null, finished: true, failed: false },
    ...{ outputText: 'x'.repeat(40), outputLength: 40, ...more },
  }
  const context = {
    format: { inputText: () => 'y'.repeat(80) } as unknown as Format,
    body: {} as RequestBody,
    ceilings: {},
    mostOutputTokens: undefined,
    ...unread,
    tokens: {
      estimateTokens: async (_: string, length: number) => length / 4,
      exactInputTokens: async () => undefined,
    },
    priceOf: servedPrices(book, { provider: 'p', model: 'asked', tenantId: 't', countedAtMs: 0 }),
  }
  const observed = {
    ...({ outcome: 'completed', meter, httpStatus: 200, firstByteMs: 1, durationMs: 2, unreadBytes: 0 } as const),
    ...unread,
  }
  const { reading, prices } = await readingOf(context, observed)
  return { ...reading, versions: prices.map(({ version }) => version) }
}
const USED: Usage = { buckets: { inUncached: 10, outText: 10 } }

test('a call is priced by the model that served it, and by the one that was asked for where that one has no price', async () => {
  expect(await read(USED)).toMatchObject({ costNanoUsd: 40n, priceVersion: 'v-asked', versions: ['v-asked'] })
  expect(await read(USED, { servedModel: 'served' })).toMatchObject({ costNanoUsd: 60n, priceVersion: 'v-served' })
  expect(await read(USED, { servedModel: 'nobody' })).toMatchObject({ costNanoUsd: 40n, priceVersion: 'v-asked' })
})

test('M33: other models inside the attempt are booked with the versions of their prices, or the attempt is unpriced', async () => {
  const elsewhere = [{ model: 'advisor', buckets: { inUncached: 4 } }]
  const booked = await read({ ...USED, elsewhere })
  expect(booked).toMatchObject({ costNanoUsd: 240n, priceVersion: 'v-asked', versions: ['v-asked', 'v-advisor'] })
  expect(booked.usage.elsewhere).toEqual([{ ...elsewhere[0], priceVersion: 'v-advisor' }])
  const unpriced = await read({ ...USED, elsewhere: [{ model: 'nobody', buckets: { inUncached: 4 } }] })
  expect(unpriced).toMatchObject({ costNanoUsd: null, priceVersion: null, versions: [] })
})

test('B30: of a usage that cannot be, no figure is taken but the tier, at which the estimate is priced', async () => {
  const wrong: Usage = { ...USED, serviceTier: 'flex', elsewhere: [{ model: 'advisor', buckets: { outText: 7 } }] }
  const booked = await read(wrong, { reportedTotal: 99 })
  expect(booked).toMatchObject({ evidence: 'estimated', costNanoUsd: 30n, quarantine: expect.stringContaining('99') })
  expect(booked.usage).toEqual({ buckets: { inUncached: 20, outText: 10 }, serviceTier: 'flex' })
})

test('M10: what a broken answer had reported keeps its tier and its other models', async () => {
  const begun: Usage = { ...USED, serviceTier: 'flex', elsewhere: [{ model: 'advisor', buckets: { inUncached: 5 } }] }
  const booked = await read(begun, { finished: false })
  expect(booked).toMatchObject({ evidence: 'estimated', costNanoUsd: 25n, versions: ['v-asked', 'v-advisor'] })
})

test('M10: a side that a finished answer does not report is estimated, and never booked as nothing', async () => {
  expect(await read({ buckets: {} })).toMatchObject({
    evidence: 'estimated',
    usage: { buckets: { inUncached: 20, outText: 10 } },
  })
  expect((await read({ buckets: { inUncached: 7 } })).usage.buckets).toEqual({ inUncached: 7, outText: 10 })
  expect((await read({ buckets: { outText: 12 } })).usage.buckets).toEqual({ inUncached: 20, outText: 12 })
  const silent = await read({ buckets: { inUncached: 7 } }, { outputText: '', outputLength: 0 })
  expect(silent).toMatchObject({ evidence: 'reported', usage: { buckets: { inUncached: 7 } } })
})

test('B20: an answer that was too large to be read is estimated from its size, up to what was held for it', async () => {
  const silent = { outputText: '', outputLength: 0, finished: false }
  const large = (unread: object) => read(undefined, silent, { unreadBytes: 4_000, ...unread })
  expect(await large({})).toMatchObject({
    evidence: 'estimated',
    usage: { buckets: { inUncached: 20, outText: 1_000 } },
  })
  expect((await large({ mostOutputTokens: 50 })).usage.buckets).toEqual({ inUncached: 20, outText: 50 })
  const halfTold = await read({ buckets: { inUncached: 7 } }, { ...silent, finished: true }, { unreadBytes: 4 })
  expect(halfTold).toMatchObject({ evidence: 'estimated', usage: { buckets: { inUncached: 7, outText: 1 } } })
  expect(await read(USED, silent, { unreadBytes: 4_000 })).toMatchObject({ evidence: 'estimated' })
  expect((await read(USED, {}, { unreadBytes: 4_000 })).usage).toEqual(USED)
})
