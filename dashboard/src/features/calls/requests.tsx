import { type ReactNode, useMemo } from 'react'
import type { CallFilter } from '../../lib/api.ts'
import { setParameters, useSearch, useUrlParameter } from '../../lib/location.ts'
import { useServices } from '../../lib/services.ts'
import { asParameters, useRange } from '../../lib/use-range.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { RangeNote, RangePicker } from '../../ui/range-picker.tsx'
import { Segments } from '../../ui/segments.tsx'
import { asCallFilter, chosenIn, NO_FILTERS } from './call-filter.ts'
import { CallFilters } from './call-filters.tsx'
import { CallsList } from './calls-list.tsx'
import { RefusalsList } from './refusals-list.tsx'
import { RequestSums } from './request-sums.tsx'
import { useCalls } from './use-calls.ts'

const VIEWS = [
  { value: 'calls', title: 'Calls' },
  { value: 'refusals', title: 'Refusals' },
] as const

/** "What exactly happened?" All calls or refusals, filtered by what the address says. */
export function Requests({ firstStep }: { firstStep: ReactNode }) {
  const { zone } = useServices()
  const search = useSearch()
  const [view, setView] = useUrlParameter('view')
  const refusals = view === 'refusals'
  const chosen = useMemo(() => chosenIn(search), [search])
  const [cursor] = useUrlParameter('after')
  const { filter, range, ranged } = useRangedFilter(search, zone)
  const calls = useCalls(filter, { cursor })
  const clear = () => setParameters({ ...NO_FILTERS, range: null, from: null, to: null })
  return (
    <>
      <PageHeader
        actions={!refusals && <RangePicker anyTime isAnyTime={!ranged} range={range} />}
        note={ranged && !refusals ? <RangeNote range={range} /> : 'newest first'}
        title="Requests"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Segments
          label="View"
          onChange={(next) =>
            setParameters({
              view: next === 'calls' ? null : next,
              after: null,
              ...NO_FILTERS,
              user: chosen.user ?? null,
            })
          }
          options={VIEWS}
          value={refusals ? 'refusals' : 'calls'}
        />
        {!refusals && <CallFilters chosen={chosen} rows={calls.data?.entries ?? []} />}
      </div>
      {refusals ? (
        <RefusalsList chosen={chosen} cursor={cursor} onBack={() => setView(null)} />
      ) : (
        <>
          {ranged && <RequestSums chosen={chosen} range={range} />}
          <CallsList calls={calls} cursor={cursor} filter={filter} firstStep={firstStep} onClear={clear} />
        </>
      )}
    </>
  )
}

/** The filter with the range where the address has one; a range up to now has no end, so that what comes is in it. */
function useRangedFilter(search: string, zone: string) {
  const range = useRange()
  const parameters = new URLSearchParams(search)
  const ranged = parameters.has('range') || (parameters.has('from') && parameters.has('to'))
  const { from, to } = asParameters(range)
  const open = range.preset !== null
  const filter = useMemo<CallFilter>(
    () => ({ ...asCallFilter(chosenIn(search)), ...(ranged && { from, ...(!open && { to }) }) }),
    [search, ranged, from, to, open, zone],
  )
  return { filter, range, ranged }
}
