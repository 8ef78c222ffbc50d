import type { User } from '../../lib/contract.ts'
import { compareIntegers, integer, integerOrNull } from '../../lib/integer.ts'

export type SortColumn = 'user' | 'usage' | 'limit' | 'percentage'
export interface Sort {
  readonly column: SortColumn
  readonly direction: 'ascending' | 'descending'
}

const COLUMNS: readonly SortColumn[] = ['user', 'usage', 'limit', 'percentage']

/** The order that two words of an address mean; the fullest first where they mean none. */
export function readSort(column: string | null, direction: string | null): Sort {
  const known = COLUMNS.find((name) => name === column)
  return { column: known ?? 'percentage', direction: direction === 'ascending' && known ? 'ascending' : 'descending' }
}

/**
 * Sorts without changing the list. Unlimited is the greatest limit; having no percentage, unlimited users come last
 * in both directions there. Equal users stay in the order of their ids.
 */
export function sortUsers(users: readonly User[], { column, direction }: Sort): User[] {
  const sign = direction === 'ascending' ? 1 : -1
  return users.toSorted((a, b) => compare(a, b, column, sign) || byId(a, b))
}

function compare(a: User, b: User, column: SortColumn, sign: number): number {
  switch (column) {
    case 'user':
      return sign * byId(a, b)
    case 'usage':
      return sign * compareIntegers(integer(a.tokenUsage), integer(b.tokenUsage))
    case 'limit':
      return sign * compareLimits(integerOrNull(a.tokenLimit), integerOrNull(b.tokenLimit))
    case 'percentage':
      return lastIfNull(a.percentUsed, b.percentUsed) ?? sign * ((a.percentUsed ?? 0) - (b.percentUsed ?? 0))
  }
}

function compareLimits(a: bigint | null, b: bigint | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compareIntegers(a, b)
}

function lastIfNull(a: number | null, b: number | null): number | undefined {
  return a === null || b === null ? Number(a === null) - Number(b === null) : undefined
}

const collator = new Intl.Collator('en', { numeric: true })

function byId(a: User, b: User): number {
  return collator.compare(a.userId, b.userId) || (a.userId < b.userId ? -1 : 1)
}
