import { type FormEvent, useId, useRef, useState } from 'react'
import type { EntryRow } from '../../lib/contract.ts'
import { setParameters } from '../../lib/location.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { CloseIcon } from '../../ui/icons.tsx'
import { PlainSelect } from '../../ui/plain-select.tsx'
import { type Chosen, type FilterName, FILTERS, NO_FILTERS, parseFilter } from './call-filter.ts'
import { OUTCOMES } from './outcome-chip.tsx'
import { Name } from '../../ui/name.tsx'

const EVIDENCE = ['reported', 'estimated', 'bounded', 'unknown'].map((value) => ({ value, title: value }))

/** Filters by this in place of what the same name was filtered by; back to the first page. */
export function addFilter(name: FilterName, value: string | null): void {
  setParameters({ [name]: value, after: null })
}

interface CallFiltersProps {
  chosen: Chosen
  /** The rows that are seen: what they hold is offered. */
  rows: readonly Pick<EntryRow, 'userId' | 'keyId' | 'model' | 'provider'>[]
}

/** What is filtered by as chips, a field to type more, and the two short lists. */
export function CallFilters({ chosen, rows }: CallFiltersProps) {
  const chips = (Object.keys(FILTERS) as FilterName[]).filter((name) => chosen[name] !== undefined)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <FilterField rows={rows} />
      <PlainSelect
        label="Outcome"
        onChange={(outcome) => addFilter('outcome', outcome || null)}
        options={[{ value: '', title: 'Every outcome' }, ...OUTCOMES]}
        value={chosen.outcome ?? ''}
      />
      <PlainSelect
        label="Evidence"
        onChange={(evidence) => addFilter('evidence', evidence || null)}
        options={[{ value: '', title: 'Any evidence' }, ...EVIDENCE]}
        value={chosen.evidence ?? ''}
      />
      {chips.map((name) => (
        <FilterChip key={name} name={name} value={chosen[name] ?? ''} />
      ))}
      {chips.length > 1 && (
        <button
          className="h-8 cursor-pointer rounded-lg px-2 text-[13px] font-medium text-muted hover:bg-default hover:text-foreground"
          onClick={() => setParameters(NO_FILTERS)}
          type="button"
        >
          Clear all
        </button>
      )}
    </div>
  )
}

export function FilterChip({ name, value }: { name: FilterName; value: string }) {
  const { title } = FILTERS[name]
  return (
    <span className="flex h-8 max-w-64 items-center gap-1.5 rounded-lg bg-accent-soft ps-2.5 pe-1 text-[13px] text-accent-soft-foreground">
      <span className="flex min-w-0 gap-1">
        {title}: <Name className="font-medium" of={value} />
      </span>
      <button
        aria-label={`Clear the filter ${title.toLowerCase()} ${value}`}
        className="cursor-pointer rounded-md p-1 hover:bg-accent-soft"
        onClick={() => addFilter(name, null)}
        type="button"
      >
        <CloseIcon className="size-3.5" />
      </button>
    </span>
  )
}

const SYNTAX = 'Write user:ada, key:…, model:…, provider:…, outcome:… or evidence:…'

function FilterField({ rows }: Pick<CallFiltersProps, 'rows'>) {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const ids = { list: useId(), error: useId() }
  useShortcuts({ '/': () => field.current?.focus() })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = parseFilter(text)
    setWrong(parsed === undefined && text.trim() !== '')
    if (!parsed) return
    setText('')
    setParameters({ ...parsed, after: null })
  }
  return (
    <form className="relative max-sm:w-full" onSubmit={submit} role="search">
      <input
        aria-describedby={wrong ? ids.error : undefined}
        aria-invalid={wrong}
        aria-label="Add a filter"
        autoComplete="off"
        className="h-8 w-60 rounded-lg border border-field-border bg-field px-2.5 text-[13px] text-foreground placeholder:text-muted max-sm:w-full"
        list={ids.list}
        onChange={(event) => (setText(event.target.value), setWrong(false))}
        placeholder="Filter: user:ada"
        ref={field}
        spellCheck="false"
        title={SYNTAX}
        value={text}
      />
      <datalist id={ids.list}>
        {offered(rows).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      {wrong && (
        <p
          className="absolute start-0 top-full z-10 mt-1 w-72 max-w-[90vw] rounded-lg bg-overlay px-2.5 py-1.5 text-xs text-danger-soft-foreground shadow-overlay"
          id={ids.error}
          role="alert"
        >
          {SYNTAX}
        </p>
      )}
    </form>
  )
}

const MOST_OFFERED = 60

function offered(rows: CallFiltersProps['rows']): string[] {
  const term = (name: string, value: string) => `${name}:${/[\s"]/.test(value) ? `"${value}"` : value}`
  const found = new Set([
    ...rows.map(({ userId }) => term('user', userId)),
    ...rows.map(({ model }) => term('model', model)),
    ...rows.map(({ provider }) => term('provider', provider)),
    ...rows.map(({ keyId }) => term('key', keyId)),
  ])
  return [...found].slice(0, MOST_OFFERED)
}
