import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bound, clamp, type Demand, type InputCount, type ModelCeilings, type TokenBound } from './bound.ts'

const count = (max: number) => fc.nat(max)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const demand: fc.Arbitrary<Demand> = fc.record({
  model: fc.constant('m'),
  stream: fc.boolean(),
  inputBytes: count(1_000_000),
  hiddenInputTokens: count(1000),
  references: fc.array(fc.constantFrom('messages[0].content[1]', 'messages[2].content[0]'), { maxLength: 2 }),
  unboundedParts: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant(['tools[0]']) },
  ),
  maxOutputTokens: maybe(fc.integer({ min: 1, max: 200_000 })),
  thinkingTokens: fc.oneof(fc.constant(0), count(64_000)),
  choices: fc.integer({ min: 1, max: 128 }),
})
const ceilings: fc.Arbitrary<ModelCeilings> = fc.record(
  { contextTokens: fc.integer({ min: 1, max: 2_000_000 }), outputTokens: fc.integer({ min: 1, max: 128_000 }) },
  { requiredKeys: [] },
)

test('what a model can use within its request never exceeds the bound', () => {
  fc.assert(
    fc.property(
      demand,
      ceilings,
      maybe(fc.record({ tokens: fc.nat(1_000_000), of: fc.constantFrom('text', 'provider') })),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (asked, model, counted, share) => {
        const answer = bound(asked, model, counted)
        if (answer.kind === 'unbounded') return
        // The most that a model does: reads all text (a token has at least a byte), fills its context where something is
        // referred to, and gives each choice all the output that the request or the model allows.
        const hidden = counted?.of === 'provider' ? 0 : asked.hiddenInputTokens
        const text = Math.floor(share * (counted?.tokens ?? asked.inputBytes)) + hidden
        const input = asked.references.length > 0 ? model.contextTokens! : text
        const perChoice = asked.maxOutputTokens ?? model.outputTokens ?? model.contextTokens!
        expect(answer.inputTokens).toBeGreaterThanOrEqual(input)
        expect(answer.outputTokens).toBeGreaterThanOrEqual(perChoice * asked.choices)
        expect(answer.outputTokens).toBeGreaterThanOrEqual(asked.thinkingTokens * asked.choices)
        expect(answer.leastOutputTokens).toBeLessThanOrEqual(answer.outputTokens)
        expect(answer.leastOutputTokens).toBeGreaterThan(0)
      },
    ),
    { numRuns: 1000 },
  )
})

test('what nothing bounds is said so, naming the part or the model', () => {
  const plain: Demand = {
    model: 'm',
    stream: false,
    inputBytes: 10,
    hiddenInputTokens: 0,
    references: [],
    unboundedParts: [],
    maxOutputTokens: undefined,
    thinkingTokens: 0,
    choices: 1,
  }
  expect(bound({ ...plain, unboundedParts: ['tools[0]'] }, { contextTokens: 10 })).toMatchObject({
    reason: expect.stringContaining('tools[0]'),
  })
  expect(bound({ ...plain, maxOutputTokens: 5, references: ['messages[0]'] }, { outputTokens: 5 })).toMatchObject({
    kind: 'unbounded',
    reason: expect.stringContaining('messages[0]'),
  })
  expect(bound(plain, {})).toMatchObject({ kind: 'unbounded', reason: expect.stringContaining('m') })
  expect(bound(plain, { contextTokens: 7 })).toMatchObject({ kind: 'bounded', inputTokens: 10, outputTokens: 7 })
  expect(bound({ ...plain, maxOutputTokens: 3 }, {}, { tokens: 4, of: 'text' })).toMatchObject({
    inputTokens: 4,
    outputTokens: 3,
    leastOutputTokens: 3,
  })
})

test('what a provider adds unseen is added to our own count of the text, and is in its own count already', () => {
  const asked = fc
    .sample(demand, { numRuns: 1, seed: 1 })
    .map((one) => ({ ...one, references: [], unboundedParts: [] }))[0]!
  const inputOf = (counted: InputCount | undefined) =>
    bound({ ...asked, hiddenInputTokens: 30 }, { contextTokens: 1 }, counted)
  expect(inputOf({ tokens: 400, of: 'provider' })).toMatchObject({ inputTokens: 400 })
  expect(inputOf({ tokens: 400, of: 'text' })).toMatchObject({ inputTokens: 430 })
  expect(inputOf(undefined)).toMatchObject({ inputTokens: asked.inputBytes + 30 })
})

test('an output that no ceiling can cut is wanted whole, or not at all', () => {
  const compaction: Demand = {
    model: 'm',
    stream: false,
    inputBytes: 10,
    hiddenInputTokens: 0,
    references: [],
    unboundedParts: [],
    maxOutputTokens: undefined,
    thinkingTokens: 0,
    choices: 1,
    cannotClamp: true,
  }
  const whole = bound(compaction, { contextTokens: 200, outputTokens: 100 })
  expect(whole).toMatchObject({ outputTokens: 100, leastOutputTokens: 100 })
  expect(whole.kind === 'bounded' && clamp(whole, 109)).toBeUndefined()
})

const full: fc.Arbitrary<TokenBound> = fc
  .record({
    inputTokens: fc.nat(1_000_000),
    perChoice: fc.integer({ min: 1, max: 200_000 }),
    least: fc.nat(66_000),
    choices: fc.integer({ min: 1, max: 128 }),
  })
  .map(({ inputTokens, perChoice, least, choices }) => ({
    inputTokens,
    outputTokens: perChoice * choices,
    leastOutputTokens: Math.min(perChoice, least) * choices,
    choices,
  }))

test('a clamped bound fits the room, keeps the least answer and its choices, and takes all that fits', () => {
  fc.assert(
    fc.property(full, fc.oneof(fc.nat(3_000_000), fc.integer({ min: -1000, max: 1000 })), (asked, room) => {
      const cut = clamp(asked, room)
      const fits = (perChoice: number) => asked.inputTokens + perChoice * asked.choices <= room
      if (cut === undefined) {
        expect(fits(asked.leastOutputTokens / asked.choices)).toBe(false)
        return
      }
      const perChoice = cut.outputTokens / cut.choices
      expect(Number.isInteger(perChoice)).toBe(true)
      expect(fits(perChoice)).toBe(true)
      expect(cut.outputTokens).toBeGreaterThanOrEqual(asked.leastOutputTokens)
      expect(cut.outputTokens).toBeLessThanOrEqual(asked.outputTokens)
      if (cut.outputTokens < asked.outputTokens) expect(fits(perChoice + 1)).toBe(false)
      expect({ ...cut, outputTokens: asked.outputTokens }).toEqual(asked)
    }),
    { numRuns: 2000 },
  )
})
