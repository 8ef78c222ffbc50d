import { useMemo } from 'react'
import type { EntryFilter } from '../../lib/api.ts'
import { useUrlParameter } from '../../lib/url-state.ts'
import { CloseIcon } from '../../ui/icons.tsx'
import { PlainSelect } from '../../ui/plain-select.tsx'
import { OUTCOMES } from './outcome-chip.tsx'

/** The filter as it stands in the address: `?user=…&model=…&outcome=…`. */
export function useCallFilter() {
  const [userId, setUser] = useUrlParameter('user')
  const [model, setModel] = useUrlParameter('model')
  const [outcome, setOutcome] = useUrlParameter('outcome')
  const filter = useMemo<EntryFilter>(
    () => ({ ...(userId && { userId }), ...(model && { model }), ...(outcome && { outcome }) }),
    [userId, model, outcome],
  )
  const clear = () => {
    setUser(null)
    setModel(null)
    setOutcome(null)
  }
  return { filter, setUser, setModel, setOutcome, clear, active: Object.keys(filter).length > 0 }
}
export type CallFilter = ReturnType<typeof useCallFilter>

export function CallFilters({ filter, setUser, setModel, setOutcome }: CallFilter) {
  return (
    <>
      {filter.userId && <Active name="User" onClear={() => setUser(null)} value={filter.userId} />}
      {filter.model && <Active name="Model" onClear={() => setModel(null)} value={filter.model} />}
      <PlainSelect
        label="Outcome"
        onChange={(outcome) => setOutcome(outcome || null)}
        options={[{ value: '', title: 'Every outcome' }, ...OUTCOMES]}
        value={filter.outcome ?? ''}
      />
    </>
  )
}

function Active({ name, value, onClear }: { name: string; value: string; onClear: () => void }) {
  return (
    <span className="flex h-8 max-w-64 items-center gap-1.5 rounded-lg bg-accent-soft ps-2.5 pe-1 text-[13px] text-accent-soft-foreground">
      <span className="truncate">
        {name}: <bdi className="font-medium">{value}</bdi>
      </span>
      <button
        aria-label={`Clear the filter ${name.toLowerCase()} ${value}`}
        className="cursor-pointer rounded-md p-1 hover:bg-accent-soft"
        onClick={onClear}
        type="button"
      >
        <CloseIcon className="size-3.5" />
      </button>
    </span>
  )
}
