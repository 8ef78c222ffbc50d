import { countTokens as countWhole } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { parseRequestBody } from '../core/request-body.ts'
import { FORMATS } from './formats/all.ts'
import { countTokens, estimateTokens, exactInputTokens, firstTokens, MAX_COUNTED_LENGTH } from './tokenizer.ts'

const PROSE =
  'It’s one thing to count; it is another, "harder" thing to count well.\n\n  x = [1, 2345]  # naïve\r\n漢字，仮名。'

describe('counting in pieces', () => {
  test('gives what counting the whole gives', async () => {
    const words = Array.from({ length: 4000 }, (_, index) => `${PROSE.slice(index % 40, 40 + (index % 50))}${index} `)
    for (const text of ['', 'word', PROSE, words.join(''), PROSE.repeat(200)])
      expect(await countTokens(text)).toBe(countWhole(text))
  })

  test('special tokens are text like any other', async () => {
    expect(await countTokens('<|endoftext|>')).toBeGreaterThan(1)
  })

  test('a text that cannot be cut is not counted, since that could take minutes', async () => {
    expect(await countTokens('a'.repeat(100_000))).toBeUndefined()
    expect(await countTokens(' '.repeat(100_000))).toBeUndefined()
  })
})

describe('estimates', () => {
  test('are the count where the text is whole and short', async () => {
    expect(await estimateTokens(PROSE, PROSE.length)).toBe(countWhole(PROSE))
    expect(await estimateTokens('', 0)).toBe(0)
  })

  test('grow with the length where only a beginning is known', async () => {
    const text = 'one two three four '.repeat(100)
    expect(await estimateTokens(text, text.length * 10)).toBeCloseTo(countWhole(text) * 10, -2)
    expect(await estimateTokens('a'.repeat(100_000), 400_000)).toBe(100_000)
  })
})

const body = (content: string) =>
  parseRequestBody(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }))
const exact = async (content: string, upstreamModel: string) => {
  const counted = await exactInputTokens(FORMATS['openai-chat'], body(content), { upstreamModel })
  if (counted) expect(counted.of).toBe('text')
  return counted?.tokens
}

describe('exact counts', () => {
  test('are there for models of that tokenizer, and for no other', async () => {
    for (const model of ['gpt-4o', 'gpt-4o-mini-2024-07-18', 'gpt-5', 'gpt-5.2-pro', 'o3', 'o4-mini', 'sim-small'])
      expect(await exact(PROSE, model)).toBeGreaterThanOrEqual(countWhole(PROSE))
    for (const model of ['gpt-4', 'gpt-3.5-turbo', 'gpt-4-turbo', 'claude-sonnet-4', 'o3x', 'llama'])
      expect(await exact(PROSE, model)).toBeUndefined()
  })

  test('are not there for texts that are too long to count', async () => {
    expect(await exact('word '.repeat(MAX_COUNTED_LENGTH / 4), 'gpt-4o')).toBeUndefined()
  })
})

test('the first tokens of a text are whole characters, and never more than asked for', async () => {
  expect(await firstTokens('Hello 👩‍👩‍👧', 1000)).toEqual({ text: 'Hello 👩‍👩‍👧', tokens: countWhole('Hello 👩‍👩‍👧') })
  for (let most = 0; most < 10; most++) {
    const { text, tokens } = await firstTokens('Hello 👩‍👩‍👧 there', most)
    expect(tokens).toBe(most)
    expect('Hello 👩‍👩‍👧 there'.startsWith(text)).toBe(true)
  }
})
