import type { EntryPage, EntryRow } from '../../lib/contract.ts'

/** Calls without a gap from the newest down; `nextCursor` continues below the last. */
export interface CallList {
  readonly rows: readonly EntryRow[]
  readonly nextCursor: string | null
}

export const NO_CALLS: CallList = { rows: [], nextCursor: null }

/**
 * Puts a new first page on top of what is known. Where the two no longer meet, there may be calls between them, so the
 * old ones are let go rather than shown with a hole. Known rows keep their identity: entries never change.
 */
export function mergeNewest(known: CallList, page: EntryPage): CallList {
  const newest = reuse(known, page.entries)
  const last = page.entries.at(-1)
  if (!last || page.nextCursor === null) return { rows: newest, nextCursor: null }
  const ids = new Set(page.entries.map((entry) => entry.id))
  const meets = known.rows.some((row) => ids.has(row.id))
  const below = known.rows.filter((row) => !ids.has(row.id) && isBelow(row, last))
  if (!meets || below.length === 0) return { rows: newest, nextCursor: page.nextCursor }
  return { rows: [...newest, ...below], nextCursor: known.nextCursor }
}

/** Appends the page that the list's cursor led to. */
export function appendOlder(known: CallList, page: EntryPage): CallList {
  const ids = new Set(known.rows.map((row) => row.id))
  return { rows: [...known.rows, ...page.entries.filter((row) => !ids.has(row.id))], nextCursor: page.nextCursor }
}

/** What is seen while newer calls wait, and how many wait: the rows that were there, and older ones loaded since. */
export function heldBack(list: CallList, seen: readonly EntryRow[]): { rows: readonly EntryRow[]; waiting: number } {
  const last = seen.at(-1)
  if (!last) return { rows: list.rows, waiting: 0 }
  const ids = new Set(seen.map((row) => row.id))
  const older = list.rows.filter((row) => !ids.has(row.id) && isBelow(row, last))
  const waiting = list.rows.filter((row) => !ids.has(row.id)).length - older.length
  return { rows: [...seen, ...older], waiting }
}

function reuse(known: CallList, entries: readonly EntryRow[]): readonly EntryRow[] {
  const byId = new Map(known.rows.map((row) => [row.id, row]))
  return entries.map((entry) => byId.get(entry.id) ?? entry)
}

/** Order of the list: newest first by time, then by id. */
function isBelow(row: EntryRow, other: EntryRow): boolean {
  const time = Date.parse(row.occurredAt) - Date.parse(other.occurredAt)
  return time < 0 || (time === 0 && row.id < other.id)
}
