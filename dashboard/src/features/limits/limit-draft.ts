import {
  CALENDAR_UNITS,
  type CalendarUnit,
  type Limit,
  type LimitDraft,
  type LimitWindow,
  type Metric,
  type Mode,
  type ScopeKind,
} from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactDecimal } from '../../lib/money.ts'
import { exactCount } from '../../lib/numbers.ts'
import { parseAmount } from '../../lib/parse-amount.ts'
import { isZone } from '../../lib/time.ts'
import { parseThresholds } from './sort-limits.ts'

export type WindowName = 'lifetime' | 'minute' | CalendarUnit

/** What stands in the form, as chosen and typed. */
export interface LimitFields {
  readonly scopeKind: ScopeKind
  readonly scopeId: string
  readonly metric: Metric
  readonly window: WindowName
  readonly zone: string
  readonly amount: string
  readonly mode: Mode
  readonly thresholds: string
}

const NEW: Omit<LimitFields, 'zone'> = {
  scopeKind: 'user',
  scopeId: '',
  metric: 'tokens',
  window: 'month',
  amount: '',
  mode: 'hard',
  thresholds: '80, 95, 100',
}

/** The fields of a limit that is there, or of a new one in this zone. */
export function fieldsOf(limit: Limit | null, zone: string): LimitFields {
  if (!limit) return { ...NEW, zone }
  const { scope, metric, window, mode, amount, thresholds } = limit
  return {
    scopeKind: scope.kind,
    scopeId: scope.id,
    metric,
    window: window.kind === 'calendar' ? window.unit : window.kind,
    zone: window.kind === 'calendar' ? window.zone : zone,
    amount: amount === null ? '' : amountText(metric, integer(amount)),
    mode,
    thresholds: thresholds.join(', '),
  }
}

function amountText(metric: Metric, amount: bigint): string {
  return metric === 'costNanoUsd' ? exactDecimal(amount, 9) : exactCount(amount)
}

export type Faults = Partial<Record<keyof LimitFields, string>>

/** What the fields mean, or what is wrong with which of them. */
export function draftOf(fields: LimitFields): { draft: LimitDraft; faults: Faults } | { draft: null; faults: Faults } {
  const amount = parseAmount(fields.metric, fields.amount)
  const thresholds = parseThresholds(fields.thresholds)
  const id = fields.scopeKind === 'tenant' ? 'default' : fields.scopeId.trim()
  const isCalendar = isUnit(fields.window)
  const faults: Faults = {
    ...(id === '' && { scopeId: 'Say whom it binds.' }),
    ...(fields.scopeKind === 'label' &&
      id !== '' &&
      !/^[^=]+=/.test(id) && { scopeId: 'Write a label as name=value.' }),
    ...(amount === undefined && { amount: amountHint(fields.metric) }),
    ...(thresholds === undefined && { thresholds: 'At most ten whole percentages from 1 to 1000.' }),
    ...(isCalendar && !isZone(fields.zone) && { zone: 'No zone by that name: write Europe/Amsterdam or UTC.' }),
  }
  if (amount === undefined || thresholds === undefined || Object.keys(faults).length > 0) return { draft: null, faults }
  const { scopeKind: kind, metric, mode } = fields
  return { draft: { scope: { kind, id }, metric, window: windowOf(fields), amount, mode, thresholds }, faults }
}

function windowOf({ window, zone }: LimitFields): LimitWindow {
  return isUnit(window) ? { kind: 'calendar', unit: window, zone } : { kind: window }
}

export function isUnit(window: WindowName): window is CalendarUnit {
  return (CALENDAR_UNITS as readonly string[]).includes(window)
}

/** How an amount of the metric is written. */
export function amountHint(metric: Metric): string {
  if (metric === 'costNanoUsd') return 'Dollars: 5 or 0.25. 0 admits nothing.'
  return 'A whole number; 0 admits nothing. 50k and 1.5M work too.'
}
