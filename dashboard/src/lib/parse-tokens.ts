const UNITS: Record<string, bigint> = { '': 1n, k: 1_000n, m: 1_000_000n, b: 1_000_000_000n }
const WRITTEN = /^(\d+)(?:\.(\d+))?\s*([kmb]?)$/i

/**
 * Reads a number of tokens as people write it: "50000", "1,000,000", "1 000 000", "1.5M". Undefined where it is no whole
 * number of tokens, or more than JSON carries exactly.
 */
export function parseTokens(text: string): number | undefined {
  const match = WRITTEN.exec(text.trim().replace(/(?<=\d)[,_\s'’](?=\d{3}(?!\d))/g, ''))
  if (!match) return undefined
  const [, whole = '', fraction = '', unit = ''] = match
  if (fraction && !unit) return undefined
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(whole + fraction) * (UNITS[unit.toLowerCase()] ?? 1n)
  if (scaled % scale !== 0n) return undefined
  const tokens = Number(scaled / scale)
  return Number.isSafeInteger(tokens) ? tokens : undefined
}
