import { useNow } from '../../lib/clock.ts'
import { useServices } from '../../lib/services.ts'
import { dayName, zoneOffset } from '../../lib/time.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { Section } from '../../ui/section.tsx'
import { CardsLoading } from './stat-card.tsx'
import { TodayCards } from './today-cards.tsx'
import { useSummary } from './use-summary.ts'

export function Today() {
  const { zone } = useServices()
  const now = useNow(60_000)
  const { data, error, refetch } = useSummary()
  return (
    <Section
      id="today"
      note={`${dayName(now, zone)} · ${zone === 'UTC' ? zone : `${zone}, ${zoneOffset(zone, now)}`}`}
      title="Spent today"
    >
      {data && <TodayCards summary={data} />}
      {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="What was spent today" />}
      {!data && !error && <CardsLoading />}
    </Section>
  )
}
