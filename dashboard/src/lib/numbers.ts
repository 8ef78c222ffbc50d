const EXACT = new Intl.NumberFormat('en-US')
const COMPACT = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})

/** From here on a count is shown compact, and exactly only where it is pointed at. */
const COMPACT_FROM = 10_000_000n

/** 1204567n → "1,204,567". */
export function exactCount(count: bigint): string {
  return EXACT.format(count)
}

/** As many digits as fit a column: exact below ten million, then "12.35M", "1.00T". */
export function shortCount(count: bigint): string {
  const size = count < 0n ? -count : count
  return size < COMPACT_FROM ? exactCount(count) : COMPACT.format(count)
}

/**
 * A percentage with one decimal that is never rounded onto an edge: only nothing is "0 %", and only what is reached is
 * "100 %" (99.97 is "99.9 %", 0.02 is "< 0.1 %"). The space does not break.
 */
export function percentText(percent: number): string {
  if (percent > 0 && percent < 0.1) return '<\u00a00.1\u00a0%'
  if (percent >= 1000) return '>\u00a0999\u00a0%'
  const tenths = Math.round(percent * 10)
  return `${EXACT.format((percent < 100 ? Math.min(tenths, 999) : tenths) / 10)}\u00a0%`
}

/** "1 call", "2 calls". */
export function counted(count: bigint, one: string, many = `${one}s`): string {
  return `${exactCount(count)} ${count === 1n ? one : many}`
}

const AXIS = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A tick of an axis, with no more digits than ticks have: "2.5M", "0.05". */
export function compactNumber(value: number): string {
  return AXIS.format(value)
}
