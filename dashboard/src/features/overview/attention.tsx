import { Button } from '@heroui/react/button'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Summary } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { useAlerts, useCrossings } from '../../lib/use-alerts.ts'
import { shortTime } from '../../lib/time.ts'
import { useHealth } from '../../lib/use-health.ts'
import { useLimits } from '../../lib/use-limits.ts'
import { AlertIcon, CheckIcon, InfoIcon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import { LoadingLines } from '../../ui/loading.tsx'
import { Name } from '../../ui/name.tsx'
import { LINK, Panel } from '../../ui/panel.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { type AttentionItem, attentionItems, MOST_QUARANTINED } from './attention-items.ts'

const FIRST = 6
const CROSSINGS_READ = 20

/** What needs a person, each with the page that helps. */
export function Attention({ summary, nowMs }: { summary: Summary | undefined; nowMs: number }) {
  const { zone } = useServices()
  const [all, setAll] = useState(false)
  const limits = useLimits()
  const crossings = useCrossings(CROSSINGS_READ)
  const alerts = useAlerts()
  const health = useHealth()
  const quarantined = useQuarantined(summary)
  const error = limits.error ?? crossings.error ?? alerts.error ?? health.error ?? quarantined.error
  const ready = limits.data && crossings.data && alerts.data && health.data && quarantined.data && summary
  const items = attentionItems({
    summary,
    limits: limits.data ?? [],
    crossings: crossings.data ?? [],
    channels: alerts.data ?? [],
    health: health.data ?? { deployments: [], ledger: { spooledCalls: 0 } },
    quarantined: quarantined.data ?? [],
    clock: (instant) => shortTime(instant, zone, nowMs),
  })
  return (
    <Panel title="Needs attention">
      {error && !ready && <ErrorLine error={error} />}
      {!error && !ready && <LoadingLines lines={5} what="What needs attention" />}
      {ready && items.length === 0 && (
        <p className="flex items-center gap-2 text-[13px]">
          <CheckIcon className="size-4 text-success-soft-foreground" /> Nothing. All limits have room, and every call
          has a price.
        </p>
      )}
      <ul className="flex flex-col gap-2.5">
        {(ready ? (all ? items : items.slice(0, FIRST)) : []).map((item) => (
          <Item item={item} key={item.key} />
        ))}
      </ul>
      {ready && items.length > FIRST && (
        <Button className="mt-3" onPress={() => setAll(!all)} size="sm" variant="tertiary">
          {all ? 'Show fewer' : `Show all ${items.length}`}
        </Button>
      )}
    </Panel>
  )
}

const COLOURS = { danger: 'text-danger', warning: 'text-warning-soft-foreground', info: 'text-muted' }

function Item({ item: { severity, title, name, detail, to, parameters } }: { item: AttentionItem }) {
  const Icon = severity === 'info' ? InfoIcon : AlertIcon
  return (
    <li className="flex gap-2.5 text-[13px]">
      <Icon className={`mt-0.5 size-4 ${COLOURS[severity]}`} />
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          {to === undefined ? (
            <span className="font-medium">{title}</span>
          ) : (
            <Link className={`inline-flex max-w-full ${LINK}`} to={to} {...(parameters && { parameters })}>
              {name === undefined ? title : <span className="shrink-0 whitespace-pre">{title} </span>}
              {name !== undefined && <Name of={name} />}
            </Link>
          )}
        </p>
        <p className="text-xs wrap-anywhere text-muted">{detail}</p>
      </div>
    </li>
  )
}

/** In the range that the summary is of. */
function useQuarantined(summary: Summary | undefined) {
  const { api } = useServices()
  const { from, to } = summary ?? {}
  return useQuery({
    queryKey: ['quarantined', from, to],
    queryFn: async ({ signal }) => {
      const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
      const { entries } = await api.entries({ quarantined: 'true', ...range }, MOST_QUARANTINED, null, signal)
      return entries
    },
    enabled: summary !== undefined,
    placeholderData: keepPreviousData,
    meta: { live: true },
  })
}
