import { parseDecimal, usdFromNano } from '../core/money.ts'
import { EXIT, Failure } from './failure.ts'

/** An amount as the API's JSON has it: a number, or a string where a number would round it. */
export type JsonInteger = number | string

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 3, M: 6, G: 9, B: 9 }

/** Tokens as a person writes them (`250000`, `250k`, `1.5M`, `none`) as the API takes them. */
export function parseTokens(text: string): JsonInteger | null {
  if (text === 'none') return null
  const [, digits = '', unit = ''] = /^([\d_]+(?:\.\d+)?)([kMGB]?)$/.exec(text) ?? []
  const tokens = parseDecimal(digits.replaceAll('_', ''), POWERS[unit] ?? 0)
  if (tokens === undefined)
    throw new Failure(
      `${JSON.stringify(text)} is no number of tokens. Write it as 250000, 250k, 1.5M, 0 or none.`,
      EXIT.usage,
    )
  return tokens <= Number.MAX_SAFE_INTEGER ? Number(tokens) : tokens.toString()
}

/** Digits in groups of three; `none` for unlimited, `unknown` for what nobody knows. */
export function count(value: JsonInteger | null, absent = 'unknown'): string {
  return value === null ? absent : BigInt(value).toLocaleString('en-US')
}

/** Exact: no digit is rounded away. */
export function usd(amountNanoUsd: JsonInteger | null): string {
  return amountNanoUsd === null ? 'unpriced' : `$${usdFromNano(BigInt(amountNanoUsd))}`
}
