import type { Delivery } from '../../lib/alert-contract.ts'
import { useNow } from '../../lib/clock.ts'
import type { Crossing } from '../../lib/contract.ts'
import { deliveryText } from '../../lib/delivery-text.ts'
import { integer } from '../../lib/integer.ts'
import { countedText, exactAmount, shortAmount } from '../../lib/limit-words.ts'
import { useServices } from '../../lib/services.ts'
import { fullTime, shortTime } from '../../lib/time.ts'
import { AlertIcon, CheckIcon, InfoIcon } from '../../ui/icons.tsx'
import { PlainTable, table } from '../../ui/plain-table.tsx'
import { ScopeName } from '../../ui/scope-name.tsx'

const COLUMNS = [
  { title: 'Time' },
  { title: 'Whom it binds' },
  { title: 'What it counts' },
  { title: 'Crossed', end: true },
  { title: 'Used then', end: true },
  { title: 'Who was told' },
]

/** Each threshold that was crossed, and what became of telling people. */
export function CrossingsTable({ crossings }: { crossings: readonly Crossing[] }) {
  const nowMs = useNow(30_000)
  return (
    <PlainTable className="crossings-table" columns={COLUMNS} label="Crossings">
      {crossings.map((crossing) => (
        <CrossingRow crossing={crossing} key={crossing.id} nowMs={nowMs} />
      ))}
    </PlainTable>
  )
}

function CrossingRow({ crossing, nowMs }: { crossing: Crossing; nowMs: number }) {
  const { zone } = useServices()
  const { at, limit, threshold, deliveries } = crossing
  const number = table.cell({ className: 'text-end whitespace-nowrap tabular-nums' })
  return (
    <tr className={table.row()} role="row">
      <td className={table.cell({ className: 'whitespace-nowrap tabular-nums' })} role="cell">
        <time dateTime={at} title={fullTime(at, zone)}>
          {shortTime(at, zone, nowMs)}
        </time>
      </td>
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        {limit ? <ScopeName scope={limit.scope} /> : <span className="text-muted">A limit that is gone</span>}
      </td>
      <td className={table.cell()} data-name="What it counts" role="cell">
        {limit ? countedText(limit) : '–'}
      </td>
      <td className={number} data-name="Crossed" role="cell">
        {threshold}
        {'\u00a0'}%
      </td>
      <td className={number} data-name="Used then" role="cell">
        <UsedThen crossing={crossing} />
      </td>
      <td className={table.cell()} data-name="Who was told" role="cell">
        {deliveries.length === 0 && <span className="text-muted">Nobody: no channel is set up</span>}
        {deliveries.map((delivery) => (
          <Told delivery={delivery} key={delivery.channel} nowMs={nowMs} />
        ))}
      </td>
    </tr>
  )
}

function UsedThen({ crossing: { limit, settled, amount } }: { crossing: Crossing }) {
  // What is gone has left no metric to tell dollars from tokens by.
  if (!limit) return '–'
  const { metric } = limit
  const [used, most] = [integer(settled), integer(amount)]
  return (
    <span title={`${exactAmount(metric, used)} of ${exactAmount(metric, most)}`}>
      {shortAmount(metric, used)} <span className="text-muted">of {shortAmount(metric, most)}</span>
    </span>
  )
}

const FACES = {
  delivered: { Icon: CheckIcon, colour: 'text-success-soft-foreground' },
  waiting: { Icon: InfoIcon, colour: 'text-warning-soft-foreground' },
  given_up: { Icon: AlertIcon, colour: 'text-danger' },
} as const

function Told({ delivery, nowMs }: { delivery: Delivery; nowMs: number }) {
  const { zone } = useServices()
  const { Icon, colour } = FACES[delivery.state]
  const clock = (instant: string) => shortTime(instant, zone, nowMs)
  return (
    <p className="flex gap-1.5">
      <Icon className={`mt-0.5 size-4 ${colour}`} />
      <span className="inline-block wrap-anywhere first-letter:uppercase">{deliveryText(delivery, clock)}</span>
    </p>
  )
}
