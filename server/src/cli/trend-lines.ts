import type { JsonInteger } from './amounts.ts'

export interface Sums {
  readonly requests: JsonInteger
  readonly totalTokens: JsonInteger
  readonly costNanoUsd: JsonInteger
}
export interface UsageLine extends Sums {
  readonly name: string
}

/** Sums over time, as the API answers them. */
export interface Trend {
  readonly from: string
  readonly to: string
  readonly zone: string
  readonly series: readonly {
    /** Null where there is one series of everything. */
    readonly key: string | null
    readonly points: readonly (Sums & { readonly start: string })[]
  }[]
}

/** A line for each day, and for what was used on it where the series are apart. */
export function trendLines({ series, zone }: Trend): UsageLine[] {
  const days = series[0]?.points ?? []
  return days.flatMap((day, at) =>
    series.flatMap(({ key, points }) => {
      const point = points[at]!
      if (key !== null && BigInt(point.requests) === 0n && BigInt(point.totalTokens) === 0n) return []
      const date = Temporal.Instant.from(day.start).toZonedDateTimeISO(zone).toPlainDate().toString()
      return [{ ...point, name: key === null ? date : `${date} ${key}` }]
    }),
  )
}

export function addUp(lines: readonly Sums[]): Sums {
  const sum = (of: (line: Sums) => JsonInteger) =>
    lines.reduce((total, line) => total + BigInt(of(line)), 0n).toString()
  return {
    requests: sum((line) => line.requests),
    totalTokens: sum((line) => line.totalTokens),
    costNanoUsd: sum((line) => line.costNanoUsd),
  }
}
