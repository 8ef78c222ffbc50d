import type { CallFilter } from '../../lib/api.ts'
import type { Parameters } from '../../lib/location.ts'

/** What calls are filtered by, as the address and people name it, with the field that the API calls it. */
export const FILTERS = {
  user: { field: 'userId', title: 'User' },
  key: { field: 'keyId', title: 'Key' },
  model: { field: 'model', title: 'Model' },
  provider: { field: 'provider', title: 'Provider' },
  outcome: { field: 'outcome', title: 'Outcome' },
  evidence: { field: 'evidence', title: 'Evidence' },
  quarantined: { field: 'quarantined', title: 'Quarantined' },
  code: { field: 'code', title: 'Code' },
} as const
export type FilterName = keyof typeof FILTERS
export type Chosen = Readonly<Partial<Record<FilterName, string>>>

const NAMES = Object.keys(FILTERS) as FilterName[]
/** A name, a colon, and a value that may be quoted. */
const TERM = /([a-z]+):(?:"([^"]*)"|([^\s"]\S*))/g

/** What the address filters by. */
export function chosenIn(search: string): Chosen {
  const parameters = new URLSearchParams(search)
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = parameters.get(name)
      return value ? [[name, value]] : []
    }),
  )
}

/** The filter as the API takes it. Codes are of refusals alone. */
export function asCallFilter({ code: _code, ...chosen }: Chosen): CallFilter {
  return Object.fromEntries(Object.entries(chosen).map(([name, value]) => [FILTERS[name as FilterName].field, value]))
}

/** Reads `user:ada model:"gpt 4"`; undefined where it holds anything else. */
export function parseFilter(text: string): Chosen | undefined {
  const terms = [...text.matchAll(TERM)].map(([, name = '', quoted, plain = '']) => [name, quoted ?? plain] as const)
  const rest = text.replace(TERM, '').trim()
  if (terms.length === 0 || rest !== '' || terms.some(([name]) => !isFilter(name))) return undefined
  return Object.fromEntries(terms)
}

/** Takes all filters off, and goes back to the first page. */
export const NO_FILTERS: Parameters = { ...Object.fromEntries(NAMES.map((name) => [name, null])), after: null }

function isFilter(name: string): name is FilterName {
  return (NAMES as readonly string[]).includes(name)
}
