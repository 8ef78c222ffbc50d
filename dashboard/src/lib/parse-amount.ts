import type { Int, Metric } from './contract.ts'
import { parseTokens } from './parse-tokens.ts'

const MONEY = /^\$?\s*(\d+)(?:\.(\d{1,9}))?$/
const LARGEST_64 = 2n ** 63n - 1n

/** An amount as people write it, in the metric's own unit: dollars for cost. Undefined where it is none. */
export function parseAmount(metric: Metric, text: string): Int | undefined {
  return metric === 'costNanoUsd' ? parseUsd(text) : parseTokens(text)
}

/** "5", "$0.25" or "1,000" dollars as nano-USD, exactly; beyond 2^53-1 as a decimal string, as JSON carries it here. */
export function parseUsd(text: string): Int | undefined {
  const match = MONEY.exec(text.trim().replace(/(?<=\d),(?=\d{3}(?!\d))/g, ''))
  if (!match) return undefined
  const [, whole = '', fraction = ''] = match
  const nanoUsd = BigInt(whole + fraction.padEnd(9, '0'))
  if (nanoUsd > LARGEST_64) return undefined
  return nanoUsd <= Number.MAX_SAFE_INTEGER ? Number(nanoUsd) : nanoUsd.toString()
}
