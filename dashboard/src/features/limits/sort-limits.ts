import type { Limit } from '../../lib/contract.ts'
import { limitTitle } from '../../lib/limit-words.ts'
import { usageOfLimit } from '../../lib/standing.ts'

const collator = new Intl.Collator('en', { numeric: true })

/** The fullest first; those that bind nobody last; equal ones by their names. */
export function sortLimits(limits: readonly Limit[]): Limit[] {
  return limits
    .map((limit) => ({ limit, percent: usageOfLimit(limit).percent ?? -1, title: limitTitle(limit) }))
    .toSorted((a, b) => b.percent - a.percent || collator.compare(a.title, b.title))
    .map(({ limit }) => limit)
}

/** Those whose scope or metric has the words in it. */
export function findLimits(limits: readonly Limit[], text: string): readonly Limit[] {
  const words = text.trim().toLowerCase().split(/\s+/)
  return limits.filter((limit) => words.every((word) => limitTitle(limit).toLowerCase().includes(word)))
}

/** What a user is bound by: the user's own limits, and those of everybody. */
export function limitsOfUser(limits: readonly Limit[], userId: string): readonly Limit[] {
  return limits.filter(({ scope }) => scope.kind === 'tenant' || (scope.kind === 'user' && scope.id === userId))
}

/** "80, 95, 100" as percentages; undefined where it is not a list of them. */
export function parseThresholds(text: string): number[] | undefined {
  const parts = text.split(/[\s,;%]+/).filter((part) => part !== '')
  const percents = [...new Set(parts.map(Number))].toSorted((a, b) => a - b)
  const fine = percents.every((percent) => Number.isInteger(percent) && percent >= 1 && percent <= 1000)
  return fine && percents.length <= 10 ? percents : undefined
}
