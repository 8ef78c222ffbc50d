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

/** The figure that `share` of the sorted ones are below; not a number where there are none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/**
 * By what share figures in order of time grow without coming back: from the median of their first third to that of the
 * last, and 0 where the middle third is not between them. The figures of a process that leaks grow so; those of one that
 * fills a cache, or that wavers, do not.
 */
export function steadyGrowth(figures: readonly number[]): number {
  const third = figures.length / 3
  const [first, middle, last] = [0, 1, 2].map(
    (index) => spread(figures.slice(Math.round(index * third), Math.round((index + 1) * third))).median,
  ) as [number, number, number]
  return first < middle && middle < last ? last / first - 1 : 0
}

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export const whole = (figure: number) => Math.round(figure).toLocaleString('en')
/** Milliseconds of microseconds. */
export const milliseconds = (us: number) => (Number.isNaN(us) ? '' : (us / 1000).toFixed(3))
export const percent = (share: number) => `${Math.round(share * 100)} %`
/** Empty where there was nothing to relate to. */
export const ratio = ({ median, min, max }: Spread) =>
  Number.isNaN(median) ? '' : `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`
