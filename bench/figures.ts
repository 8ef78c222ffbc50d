/** The middle of some figures and how far they spread. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export const whole = (figure: number) => Math.round(figure).toLocaleString('en')
export const percent = (share: number) => `${Math.round(share * 100)} %`
/** Empty where there was nothing to relate to. */
export const ratio = ({ median, min, max }: Spread) =>
  Number.isNaN(median) ? '' : `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`
