import { scaleBand, scaleLinear } from 'd3-scale'
import { type KeyboardEvent, useRef, useState } from 'react'
import { type Series, stacked, totals } from '../../lib/series.ts'
import { OTHER } from './palette.ts'
import { useWidth } from './use-width.ts'
import { Name } from '../name.tsx'

const HEIGHT = 232
const MARGIN = { top: 10, right: 4, bottom: 24, left: 52 }
const WIDEST_BAR = 56
const TIP_GAP = 10
const LABEL_EVERY_PX = 76

export interface StackedBarsProps {
  title: string
  series: readonly Series[]
  colours: ReadonlyMap<string, string>
  /** What the buckets are called: on the axis, and in full. */
  labels: readonly { start: string; short: string; full: string }[]
  /** A value on the axis, from a number for geometry. */
  axis: (value: number) => string
  exact: (value: bigint) => string
}

/** Bars by bucket. One stop for Tab; the arrow keys go from bucket to bucket, and each one is said in words. */
export function StackedBars({ title, series, colours, labels, axis, exact }: StackedBarsProps) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const [stop, setStop] = useState(0)
  const [shown, setShown] = useState<number | null>(null)
  const sums = totals(series, labels.length)
  const bars = stacked(series, labels.length)
  const greatest = Math.max(...sums.map(Number), 0)
  const y = scaleLinear([0, greatest || 1], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4)
  const x = scaleBand(
    labels.map((_, at) => String(at)),
    [MARGIN.left, Math.max(width - MARGIN.right, MARGIN.left + 1)],
  )
    .paddingInner(0.22)
    .paddingOuter(0.11)
  const barWidth = Math.max(1, Math.min(x.bandwidth(), WIDEST_BAR))
  const middle = (at: number) => (x(String(at)) ?? 0) + x.bandwidth() / 2
  const every = Math.max(1, Math.ceil(LABEL_EVERY_PX / Math.max(x.step(), 1)))
  const current = Math.min(stop, labels.length - 1)

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    const next = stepTo(event.key, current, labels.length)
    if (next === null) return
    event.preventDefault()
    setStop(next)
    event.currentTarget.querySelector<SVGElement>(`[data-bucket="${next}"]`)?.focus()
  }
  return (
    <div className="relative" ref={frame}>
      {width > 0 && (
        <svg
          aria-label={title}
          className="block overflow-visible text-[11px] tabular-nums"
          height={HEIGHT}
          onKeyDown={onKeyDown}
          onPointerLeave={() => setShown(null)}
          role="group"
          width={width}
        >
          <defs>
            <pattern
              height="5"
              id="other-pattern"
              patternTransform="rotate(45)"
              patternUnits="userSpaceOnUse"
              width="5"
            >
              <rect className="fill-[var(--series-other)]" height="5" width="5" />
              <rect className="fill-surface" height="5" opacity="0.45" width="1.5" />
            </pattern>
          </defs>
          <g aria-hidden="true">
            {y.ticks(4).map((tick) => (
              <g key={tick} transform={`translate(0 ${y(tick)})`}>
                <line className="stroke-separator" x1={MARGIN.left} x2={width - MARGIN.right} />
                <text className="fill-muted" dy="0.32em" textAnchor="end" x={MARGIN.left - 8}>
                  {axis(tick)}
                </text>
              </g>
            ))}
            {labels.map(
              ({ start, short }, at) =>
                at % every === 0 && (
                  <text className="fill-muted" key={start} textAnchor="middle" x={middle(at)} y={HEIGHT - 6}>
                    {short}
                  </text>
                ),
            )}
          </g>
          {bars.map((bar, at) => (
            <g
              aria-label={inWords(labels[at]?.full ?? '', sums[at] ?? 0n, series, at, exact)}
              className="group outline-none"
              data-bucket={at}
              key={labels[at]?.start}
              onBlur={() => setShown(null)}
              onFocus={() => (setStop(at), setShown(at))}
              onPointerEnter={() => setShown(at)}
              role="img"
              tabIndex={at === current ? 0 : -1}
            >
              <rect
                className={`stroke-transparent group-focus-visible:stroke-focus ${shown === at ? 'fill-default' : 'fill-transparent'}`}
                height={HEIGHT - MARGIN.bottom - MARGIN.top + 4}
                rx="4"
                strokeWidth="2"
                width={x.step()}
                x={middle(at) - x.step() / 2}
                y={MARGIN.top - 4}
              />
              {bar.map(({ key, from, to }) => (
                <rect
                  fill={key === OTHER ? 'url(#other-pattern)' : colours.get(key)}
                  height={Math.max(y(from) - y(to) - (from > 0 ? 1 : 0), 1)}
                  key={key}
                  rx={Math.min(1.5, barWidth / 4)}
                  width={barWidth}
                  x={middle(at) - barWidth / 2}
                  y={y(to)}
                />
              ))}
            </g>
          ))}
        </svg>
      )}
      {shown !== null && labels[shown] && (
        <Tip
          exact={exact}
          heading={labels[shown].full}
          left={middle(shown)}
          gap={x.step() / 2 + TIP_GAP}
          parts={series
            .map(({ key, name, values }) => ({ key, name, value: values[shown] ?? 0n, colour: colours.get(key) ?? '' }))
            .filter(({ value }) => value > 0n)}
          total={sums[shown] ?? 0n}
          width={width}
        />
      )}
    </div>
  )
}

function stepTo(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight') return Math.min(at + 1, count - 1)
  if (key === 'ArrowLeft') return Math.max(at - 1, 0)
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}

function inWords(label: string, total: bigint, series: readonly Series[], at: number, exact: (v: bigint) => string) {
  const parts = series.filter(({ values }) => (values[at] ?? 0n) > 0n)
  const split = parts.map(({ name, values }) => `${name} ${exact(values[at] ?? 0n)}`).join(', ')
  return `${label}: ${exact(total)}${parts.length > 1 ? `; ${split}` : split && ` on ${parts[0]?.name}`}`
}

interface TipProps {
  heading: string
  total: bigint
  parts: readonly { key: string; name: string; value: bigint; colour: string }[]
  exact: (value: bigint) => string
  left: number
  gap: number
  width: number
}

/** The numbers of one bucket beside it. They are said by the bucket itself, so this is for the eyes alone. */
function Tip({ heading, total, parts, exact, left, gap, width }: TipProps) {
  const toTheLeft = left > width / 2
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-1 z-10 w-max max-w-[min(18rem,70%)] rounded-lg bg-overlay px-3 py-2 text-xs text-overlay-foreground shadow-overlay"
      style={toTheLeft ? { right: width - left + gap } : { left: left + gap }}
    >
      <p className="mb-1 text-muted">{heading}</p>
      <p className="font-semibold tabular-nums">{exact(total)}</p>
      {parts.length > 0 && (
        <ul className="mt-1 flex flex-col gap-0.5">
          {parts.map(({ key, name, value, colour }) => (
            <li className="flex items-center gap-2" key={key}>
              <span className="size-2 shrink-0 rounded-xs" style={{ backgroundColor: colour }} />
              <Name of={name} />
              <span className="ms-auto ps-2 tabular-nums">{exact(value)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
