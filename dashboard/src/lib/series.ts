/** One series of a chart: a value for each bucket. */
export interface Series {
  readonly key: string
  readonly name: string
  readonly values: readonly bigint[]
}

/** The sum of all series in each bucket. */
export function totals(series: readonly Series[], buckets: number): bigint[] {
  return Array.from({ length: buckets }, (_, at) => series.reduce((all, { values }) => all + (values[at] ?? 0n), 0n))
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

export interface Segment {
  readonly key: string
  /** From where to where it reaches in its bar, as sums. For geometry alone: exact below 2^53, near enough beyond. */
  readonly from: number
  readonly to: number
}

/** The bar of each bucket, from the first series at its foot; what is nothing has no segment. */
export function stacked(series: readonly Series[], buckets: number): Segment[][] {
  return Array.from({ length: buckets }, (_, at) => {
    let from = 0n
    const bar: Segment[] = []
    for (const { key, values } of series) {
      const value = values[at] ?? 0n
      if (value > 0n) bar.push({ key, from: Number(from), to: Number(from + value) })
      from += value
    }
    return bar
  })
}
