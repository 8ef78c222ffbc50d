import { type ReactNode, useId, useState } from 'react'
import { ChartTable } from './chart-table.tsx'
import { coloursOf, OTHER } from './palette.ts'
import type { Series } from '../../lib/series.ts'
import { StackedBars, type StackedBarsProps } from './stacked-bars.tsx'
import { Name } from '../name.tsx'

interface ChartProps extends Omit<StackedBarsProps, 'colours'> {
  /** One sentence that says what is to be seen. */
  summary: ReactNode
  actions?: ReactNode
  isOld?: boolean
}

/** A chart with its title, what it says in one sentence, a legend that isolates, and the same numbers as a table. */
export function Chart({ title, summary, series, actions, isOld = false, ...bars }: ChartProps) {
  const headingId = useId()
  const [asTable, setAsTable] = useState(false)
  const [isolated, setIsolated] = useState<string | null>(null)
  const colours = coloursOf(series.map(({ key }) => key))
  const alone = series.filter(({ key }) => key === isolated)
  const shown = alone.length > 0 ? alone : series
  return (
    <section aria-labelledby={headingId} className="rounded-3xl border border-border bg-surface p-4">
      <div className="mb-3 flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-[13px] font-medium text-muted" id={headingId}>
            {title}
          </h2>
          <p className="mt-0.5 text-[15px] font-semibold tracking-tight wrap-anywhere">{summary}</p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {actions}
          <button
            aria-pressed={asTable}
            className="h-8 cursor-pointer rounded-lg px-2.5 text-[13px] font-medium text-muted outline-offset-1 hover:bg-default hover:text-foreground aria-pressed:bg-default aria-pressed:text-foreground"
            onClick={() => setAsTable(!asTable)}
            type="button"
          >
            View as table
          </button>
        </div>
      </div>
      <div className={isOld ? 'opacity-60 transition-opacity delay-150' : ''}>
        {asTable ? (
          <ChartTable exact={bars.exact} labels={bars.labels} series={shown} title={title} />
        ) : (
          <StackedBars {...bars} colours={colours} series={shown} title={title} />
        )}
      </div>
      {series.length > 1 && (
        <Legend
          colours={colours}
          isolated={alone.length > 0 ? isolated : null}
          onIsolate={setIsolated}
          series={series}
        />
      )}
    </section>
  )
}

interface LegendProps {
  series: readonly Series[]
  colours: ReadonlyMap<string, string>
  isolated: string | null
  onIsolate: (key: string | null) => void
}

function Legend({ series, colours, isolated, onIsolate }: LegendProps) {
  return (
    <div aria-label="Show only" className="mt-3 flex flex-wrap gap-x-1 gap-y-0.5" role="group">
      {series.map(({ key, name }) => (
        <button
          aria-pressed={isolated === key}
          className={`flex h-7 max-w-56 cursor-pointer items-center gap-2 rounded-md px-2 text-xs outline-offset-1 hover:bg-default aria-pressed:bg-default aria-pressed:font-medium ${isolated === null || isolated === key ? '' : 'text-muted'}`}
          key={key}
          onClick={() => onIsolate(isolated === key ? null : key)}
          type="button"
        >
          <span
            aria-hidden="true"
            className={`size-2.5 shrink-0 rounded-xs ${key === OTHER ? 'other-swatch' : ''}`}
            style={{ backgroundColor: colours.get(key) ?? '' }}
          />
          <Name of={name} />
        </button>
      ))}
    </div>
  )
}
