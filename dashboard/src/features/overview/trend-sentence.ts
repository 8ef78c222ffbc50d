import { deltaOf } from '../../lib/delta.ts'
import { percentOf } from '../../lib/integer.ts'
import { shortUsd } from '../../lib/money.ts'
import { percentText, shortCount } from '../../lib/numbers.ts'
import type { Range } from '../../lib/range.ts'
import { type Series, sum } from '../../lib/series.ts'
import type { Measure } from '../../lib/trend-series.ts'

const NOUNS: Record<Measure, string> = { cost: 'Spend', tokens: 'Tokens', requests: 'Requests' }
/** From this part on, one series is what a sum is mostly made of. */
const MOSTLY_PERCENT = 50

/** "Spend rose 34 % to $41.20, mostly claude-sonnet-4-5." What is to be seen, without looking. */
export function trendSentence(measure: Measure, series: readonly Series[], before: bigint | null): string {
  const total = series.reduce((all, { values }) => all + sum(values), 0n)
  if (total === 0n)
    return measure === 'cost' ? 'Nothing was spent in this time' : `No ${NOUNS[measure].toLowerCase()} in this time`
  return `${movement(measure, total, before)}${mostly(series, total)}`
}

function movement(measure: Measure, total: bigint, before: bigint | null): string {
  const amount = measure === 'cost' ? shortUsd(total) : shortCount(total)
  const noun = NOUNS[measure]
  const verb = measure === 'cost' ? 'is' : 'are'
  if (before === null || before === 0n) return `${noun} ${verb} ${amount}`
  const { direction, text } = deltaOf(total, before)
  if (direction === 'same') return `${noun} ${verb} the same as before, ${amount}`
  if (text?.endsWith('×')) return `${noun} rose ${text.replace('×', ' times')} to ${amount}`
  return `${noun} ${direction === 'up' ? 'rose' : 'fell'} ${text} to ${amount}`
}

function mostly(series: readonly Series[], total: bigint): string {
  const [most] = series
    .filter(({ key }) => key !== 'other')
    .map(({ name, values }) => ({ name, part: percentOf(sum(values), total) }))
    .toSorted((a, b) => b.part - a.part)
  if (!most || series.length === 1) return most ? `, all of it ${most.name}` : ''
  return most.part >= MOSTLY_PERCENT ? `, mostly ${most.name} (${percentText(most.part)})` : ''
}

/** What a range is compared with, in words. */
export function beforeText({ preset }: Pick<Range, 'preset'>): string {
  switch (preset) {
    case 'today':
      return 'yesterday by this time'
    case '24h':
      return 'the 24 hours before'
    case '7d':
      return 'the 7 days before'
    case '30d':
      return 'the 30 days before'
    case 'month':
      return 'last month by this day'
    case null:
      return 'the same length of time before'
  }
}
