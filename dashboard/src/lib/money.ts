import { exactCount } from './numbers.ts'

const SIGNIFICANT = 4

/** An integer of `10^-scale` units as an exact decimal without trailing zeros: (1500000n, 9) → "0.0015". */
export function exactDecimal(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return sign + exactCount(BigInt(digits.slice(0, -scale))) + (fraction ? `.${fraction}` : '')
}

/** Nano-USD, exact: 3400n → "$0.0000034". */
export function exactUsd(nanoUsd: bigint): string {
  return dollars(exactDecimal(nanoUsd, 9))
}

/**
 * Nano-USD with as many decimals as it takes to see it: two from one dollar on, four significant digits below it, and
 * compact from a million on. What is not nothing never shows as $0.00.
 */
export function shortUsd(nanoUsd: bigint): string {
  const size = nanoUsd < 0n ? -nanoUsd : nanoUsd
  if (size >= 1_000_000_000_000_000n) return dollars(`${nanoUsd < 0n ? '-' : ''}${millions(size)}`)
  if (size >= 1_000_000_000n || size === 0n) return dollars(fixed(nanoUsd, 2))
  const leadingZeros = 9 - size.toString().length
  return dollars(trimmed(fixed(nanoUsd, Math.min(9, leadingZeros + SIGNIFICANT))))
}

/** Exact too, but with two decimals at least, as people write amounts: 2_500_000_000n → "$2.50". */
export function fullUsd(nanoUsd: bigint): string {
  const exact = exactUsd(nanoUsd)
  const decimals = exact.split('.')[1]?.length ?? 0
  return decimals >= 2 ? exact : `${exact}${decimals === 0 ? '.00' : '0'}`
}

/** Pico-USD per token as USD per million tokens, exact: 3_000_000n → "$3". */
export function ratePerMillion(picoUsd: bigint): string {
  return dollars(exactDecimal(picoUsd, 6))
}

/** Pico-USD as USD, exact. */
export function exactUsdOfPico(picoUsd: bigint): string {
  return dollars(exactDecimal(picoUsd, 12))
}

/** The one rounding of an entry, as the ledger does it: pico-USD to nano-USD, half away from zero. */
export function nanoFromPico(picoUsd: bigint): bigint {
  return (picoUsd + (picoUsd < 0n ? -500n : 500n)) / 1000n
}

function fixed(nanoUsd: bigint, decimals: number): string {
  const unit = 10n ** BigInt(9 - decimals)
  const half = nanoUsd < 0n ? -unit / 2n : unit / 2n
  const rounded = (nanoUsd + half) / unit
  const digits = (rounded < 0n ? -rounded : rounded).toString().padStart(decimals + 1, '0')
  const whole = exactCount(BigInt(digits.slice(0, -decimals)))
  return `${rounded < 0n ? '-' : ''}${whole}.${digits.slice(-decimals)}`
}

/** Without trailing zeros, but with two decimals at least. */
function trimmed(decimal: string): string {
  return decimal.replace(/(\.\d\d\d*?)0+$/, '$1')
}

function millions(size: bigint): string {
  const hundredths = size / 10_000_000_000_000n
  return `${exactCount(hundredths / 100n)}.${(hundredths % 100n).toString().padStart(2, '0')}M`
}

function dollars(amount: string): string {
  return amount.startsWith('-') ? `-$${amount.slice(1)}` : `$${amount}`
}
