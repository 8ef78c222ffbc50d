import { Chip } from '@heroui/react/chip'
import { useNow } from '../../lib/clock.ts'
import type { Deployment } from '../../lib/contract.ts'
import { FORMAT_TITLES, type FormatName } from '../../lib/format-titles.ts'
import { exactCount, percentText } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { duration, fullTime, shortTime } from '../../lib/time.ts'
import { Link } from '../../ui/link.tsx'
import { Name } from '../../ui/name.tsx'
import { LINK } from '../../ui/panel.tsx'
import { PlainTable, table } from '../../ui/plain-table.tsx'
import { byTrouble } from './by-trouble.ts'

const COLUMNS = [
  { title: 'Deployment' },
  { title: 'State' },
  { title: 'Attempts', end: true },
  { title: 'Failed', end: true },
  { title: 'First byte, median', end: true },
  { title: 'Last failure' },
]

/** How each deployment has been answering, those in trouble first. */
export function DeploymentsTable({ deployments }: { deployments: readonly Deployment[] }) {
  const nowMs = useNow(10_000)
  return (
    <PlainTable className="deployments-table" columns={COLUMNS} label="Deployments">
      {byTrouble(deployments).map((deployment) => (
        <DeploymentRow
          deployment={deployment}
          key={`${deployment.provider} ${deployment.name} ${deployment.model} ${deployment.format}`}
          nowMs={nowMs}
        />
      ))}
    </PlainTable>
  )
}

function DeploymentRow({ deployment, nowMs }: { deployment: Deployment; nowMs: number }) {
  const { zone } = useServices()
  const { provider, model, format, attempts, failures, lastFailure, medianFirstByteMs } = deployment
  const number = table.cell({ className: 'text-end whitespace-nowrap tabular-nums' })
  return (
    <tr className={table.row()} role="row">
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        <Link className={`block ${LINK}`} parameters={{ provider, model }} to="/requests">
          <Name of={model} />
        </Link>
        <span className="block text-xs wrap-anywhere text-muted">
          {provider}, {FORMAT_TITLES[format as FormatName] ?? format}, {wayTo(deployment)}
        </span>
      </td>
      <td className={table.cell({ className: 'whitespace-nowrap' })} data-name="State" role="cell">
        <State deployment={deployment} nowMs={nowMs} />
      </td>
      <td className={number} data-name="Attempts" role="cell">
        {exactCount(BigInt(attempts))}
      </td>
      <td className={number} data-name="Failed" role="cell">
        {exactCount(BigInt(failures))}
        {failures > 0 && <span className="text-muted"> ({percentText((100 * failures) / attempts)})</span>}
      </td>
      <td className={number} data-name="First byte, median" role="cell">
        {medianFirstByteMs === null ? <span className="text-muted">unknown</span> : duration(medianFirstByteMs)}
      </td>
      <td className={table.cell()} data-name="Last failure" role="cell">
        {lastFailure === null ? (
          <span className="text-muted">None</span>
        ) : (
          <>
            <time className="text-muted tabular-nums" dateTime={lastFailure.at} title={fullTime(lastFailure.at, zone)}>
              {shortTime(lastFailure.at, zone, nowMs)}
            </time>{' '}
            <span className="wrap-anywhere">{lastFailure.reason}</span>
          </>
        )}
      </td>
    </tr>
  )
}

/** "at api.openai.com by OPENAI_API_KEY": what its name has beside the provider and the model. */
function wayTo({ name, provider, model }: Deployment): string {
  const known = `${provider} ${model} `
  return name.startsWith(known) ? name.slice(known.length) : name
}

function State({ deployment: { state, coolsUntil }, nowMs }: { deployment: Deployment; nowMs: number }) {
  const { zone } = useServices()
  if (state === 'unknown') return <span className="text-muted">Not asked lately</span>
  if (state === 'ok')
    return (
      <Chip color="success" size="sm" variant="soft">
        Answers
      </Chip>
    )
  return (
    <Chip color="danger" size="sm" variant="soft">
      Cools down{coolsUntil === null ? '' : ` until ${shortTime(coolsUntil, zone, nowMs)}`}
    </Chip>
  )
}
