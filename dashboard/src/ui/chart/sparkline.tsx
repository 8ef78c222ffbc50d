import { scaleLinear } from 'd3-scale'
import { area, curveMonotoneX, line } from 'd3-shape'

const WIDTH = 120
const HEIGHT = 28

/** How a sum came to be, without a number: the chart below has them. */
export function Sparkline({ values }: { values: readonly bigint[] }) {
  const numbers = values.map(Number)
  const greatest = Math.max(...numbers, 0)
  if (numbers.length < 2 || greatest === 0) return <svg aria-hidden="true" className="h-7 w-full" />
  const x = scaleLinear([0, numbers.length - 1], [0, WIDTH])
  const y = scaleLinear([0, greatest], [HEIGHT - 1.5, 2])
  const under = area<number>(
    (_, at) => x(at),
    HEIGHT,
    (value) => y(value),
  ).curve(curveMonotoneX)
  const along = line<number>(
    (_, at) => x(at),
    (value) => y(value),
  ).curve(curveMonotoneX)
  return (
    <svg
      aria-hidden="true"
      className="h-7 w-full text-accent"
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <path className="fill-accent-soft" d={under(numbers) ?? ''} />
      <path
        d={along(numbers) ?? ''}
        fill="none"
        stroke="currentColor"
        strokeLinejoin="round"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
