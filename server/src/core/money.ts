/**
 * Money is integer. Ledger amounts are nano-USD (1e-9 USD); rates are pico-USD (1e-12 USD) per token, so that
 * the cheapest published rate ($0.01 per million tokens = 10,000 pico-USD per token) is exact.
 */
const PICO_PER_NANO = 1000n
const DECIMAL = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Parses a non-negative decimal string into an integer number of `10^-scale` units.
 * Returns undefined where the text is no plain decimal, or is finer than the scale can hold: a price is never rounded.
 */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  const shift = scale + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  return digits % divisor === 0n ? digits / divisor : undefined
}

/** The one rounding of an entry: pico-USD to nano-USD, half away from zero. */
export function nanoFromPico(picoUsd: bigint): bigint {
  const half = picoUsd < 0n ? -PICO_PER_NANO / 2n : PICO_PER_NANO / 2n
  return (picoUsd + half) / PICO_PER_NANO
}

/** Rounds up, for a bound: what is set aside is never less than what the same usage would cost. */
export function nanoFromPicoCeiling(picoUsd: bigint): bigint {
  return (picoUsd + PICO_PER_NANO - 1n) / PICO_PER_NANO
}

/** Nano-USD as an exact decimal string of USD, without trailing zeros: 1500000n → "0.0015". */
export function usdFromNano(nanoUsd: bigint): string {
  const sign = nanoUsd < 0n ? '-' : ''
  const digits = (nanoUsd < 0n ? -nanoUsd : nanoUsd).toString().padStart(10, '0')
  const fraction = digits.slice(-9).replace(/0+$/, '')
  return sign + digits.slice(0, -9) + (fraction ? `.${fraction}` : '')
}
