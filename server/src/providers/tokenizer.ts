import { setImmediate } from 'node:timers/promises'
import type { InputCount } from '../core/bound.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import type { Format, RequestBody } from '../core/ports/format.ts'

/** Longer texts are not counted: the bound by bytes stands for them. */
export const MAX_COUNTED_LENGTH = 256 * 1024
/** Of a longer text only the beginning is counted for an estimate, and the rest is taken to be like it. */
export const MAX_SAMPLED_LENGTH = 32 * 1024

/**
 * The tokens of a text by OpenAI's o200k_base; special tokens in it are text. Undefined where the text has a run of
 * more than SLACK characters that cannot be cut: the tokenizer's time grows with the square of such a run. Loads the
 * tokenizer when first called, and lets other calls have their turn while it counts.
 */
export async function countTokens(text: string): Promise<number | undefined> {
  const count = await tokenizer()
  let tokens = 0
  for (let start = 0; start < text.length;) {
    const end = cutAfter(text, start + SLICE)
    if (end === undefined) return undefined
    tokens += count(text.slice(start, end))
    start = end
    if (start < text.length) await setImmediate()
  }
  return tokens
}

/**
 * A fair guess of how many tokens a text is, for entries with evidence `estimated`. `text` may be only the beginning of
 * it, `length` (in UTF-16 units) is always that of the whole.
 */
export async function estimateTokens(text: string, length: number): Promise<number> {
  if (length === 0) return 0
  const sample = text.slice(0, MAX_SAMPLED_LENGTH)
  const tokens = (await countTokens(sample)) ?? Buffer.byteLength(sample) / BYTES_PER_TOKEN
  const scale = sample.length === 0 ? length / BYTES_PER_TOKEN : (tokens * length) / sample.length
  return Math.max(1, Math.ceil(scale))
}
/** Of English prose, for texts that cannot be counted. */
const BYTES_PER_TOKEN = 4

/**
 * An upper bound of the tokens of a request's text, closer than its bytes.
 * Undefined where no tokenizer here is exact for the model, or the text cannot be counted: then the bytes stand.
 */
export async function exactInputTokens(
  format: Format,
  body: RequestBody,
  { upstreamModel }: Pick<Deployment, 'upstreamModel'>,
): Promise<InputCount | undefined> {
  if (!EXACT_MODELS.test(upstreamModel)) return undefined
  const text = format.inputText(body)
  const tokens = text.length > MAX_COUNTED_LENGTH ? undefined : await countTokens(text)
  return tokens === undefined ? undefined : { tokens, of: 'text' }
}

/** The beginning of a text that fits into so many tokens, and how many it takes. For short texts of our own. */
export async function firstTokens(text: string, most: number): Promise<{ text: string; tokens: number }> {
  const count = await tokenizer()
  const all = count(text)
  if (all <= most) return { text, tokens: all }
  const characters = Array.from(text)
  let fits = 0
  for (let tooMany = characters.length; tooMany - fits > 1;) {
    const middle = (fits + tooMany) >> 1
    if (count(characters.slice(0, middle).join('')) <= most) fits = middle
    else tooMany = middle
  }
  return { text: characters.slice(0, fits).join(''), tokens: most }
}

/** OpenAI's models since GPT-4o are all on o200k_base; the simulated ones count with it. */
const EXACT_MODELS = /^(?:gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|o1|o3|o4|sim)(?:[-.]|$)/

/** Counted at a time: about a tenth of a millisecond for prose, some milliseconds for what is hardest. */
const SLICE = 2048
const SLACK = 512

/** Where to cut so that both parts have the tokens that the whole has: the end of the text, or the next safe place. */
function cutAfter(text: string, from: number): number | undefined {
  if (from >= text.length) return text.length
  const found = SAFE_CUT.exec(text.slice(from, from + SLACK))
  if (found) return from + found.index + found[0].length
  return from + SLACK >= text.length ? text.length : undefined
}
/** o200k_base never joins a word or number with what follows it, where that is one other sign before a word. */
const SAFE_CUT = /[\p{L}\p{N}](?=[^\r\n\p{L}\p{N}\p{M}'’]\p{L})/u

async function tokenizer(): Promise<(text: string) => number> {
  const { countTokens: count, setMergeCacheSize } = await import('gpt-tokenizer/encoding/o200k_base')
  setMergeCacheSize(MAX_REMEMBERED_WORDS)
  return (text) => count(text, { disallowedSpecial: NO_SPECIAL_TOKENS })
}
const NO_SPECIAL_TOKENS = new Set<string>()
const MAX_REMEMBERED_WORDS = 10_000
