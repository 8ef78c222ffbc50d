import type { EntryPage, EntryRow } from '../../lib/contract.ts'

/** The page anew, where each row that is known keeps its identity: entries never change, so it is not rendered again. */
export function reuse(known: readonly EntryRow[], page: EntryPage): EntryPage {
  const byId = new Map(known.map((row) => [row.id, row]))
  return { ...page, entries: page.entries.map((entry) => byId.get(entry.id) ?? entry) }
}

/** What is seen while newer rows wait: the rows that were there, and how many are newer. */
export function heldBack(
  rows: readonly EntryRow[],
  seen: readonly EntryRow[],
): { rows: readonly EntryRow[]; waiting: number } {
  if (seen.length === 0) return { rows, waiting: 0 }
  const ids = new Set(seen.map((row) => row.id))
  const firstSeen = rows.findIndex((row) => ids.has(row.id))
  return { rows: seen, waiting: firstSeen === -1 ? rows.length : firstSeen }
}
