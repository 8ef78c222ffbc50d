import { type Series, sum, totals } from '../../lib/series.ts'
import { Name } from '../name.tsx'

interface ChartTableProps {
  title: string
  series: readonly Series[]
  labels: readonly { start: string; full: string }[]
  exact: (value: bigint) => string
}

/** The numbers of the chart, newest last as in the chart, with their sums. */
export function ChartTable({ title, series, labels, exact }: ChartTableProps) {
  const sums = totals(series, labels.length)
  const many = series.length > 1
  return (
    <div
      aria-label={`${title}, as a table`}
      className="max-h-80 overflow-auto rounded-lg border border-border"
      role="region"
      tabIndex={0}
    >
      <table className="w-full text-xs tabular-nums [&_td]:px-3 [&_td]:py-1.5 [&_th]:px-3 [&_th]:py-1.5">
        <thead className="sticky top-0 bg-surface-secondary text-muted">
          <tr>
            <th className="text-start font-medium" scope="col">
              From
            </th>
            {series.map(({ key, name }) => (
              <th className="text-end font-medium" key={key} scope="col">
                <Name width="max-w-40" of={name} />
              </th>
            ))}
            {many && (
              <th className="text-end font-medium" scope="col">
                All
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-separator">
          {labels.map(({ start, full }, at) => (
            <tr key={start}>
              <th className="text-start font-normal whitespace-nowrap" scope="row">
                {full}
              </th>
              {series.map(({ key, values }) => (
                <td className="text-end" key={key}>
                  {exact(values[at] ?? 0n)}
                </td>
              ))}
              {many && <td className="text-end font-medium">{exact(sums[at] ?? 0n)}</td>}
            </tr>
          ))}
        </tbody>
        <tfoot className="sticky bottom-0 border-t border-border bg-surface font-semibold">
          <tr>
            <th className="text-start font-semibold" scope="row">
              Sum
            </th>
            {series.map(({ key, values }) => (
              <td className="text-end" key={key}>
                {exact(sum(values))}
              </td>
            ))}
            {many && <td className="text-end">{exact(sum(sums))}</td>}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
