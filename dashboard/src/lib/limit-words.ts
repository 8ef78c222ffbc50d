import type { Limit, LimitWindow, Metric, Mode, Scope, ScopeKind } from './contract.ts'
import { fullUsd, shortUsd } from './money.ts'
import { exactCount, shortCount } from './numbers.ts'

export const METRIC_NAMES: Record<Metric, string> = { tokens: 'Tokens', requests: 'Requests', costNanoUsd: 'Cost' }

export const SCOPE_NAMES: Record<ScopeKind, string> = {
  tenant: 'Everybody',
  user: 'User',
  key: 'Key',
  provider: 'Provider',
  model: 'Model',
  label: 'Label',
}

export const MODE_NAMES: Record<Mode, { title: string; meaning: string }> = {
  hard: { title: 'Hard', meaning: 'Refuses what does not fit.' },
  soft: { title: 'Soft', meaning: 'Lets it pass, and says so.' },
  shadow: { title: 'Shadow', meaning: 'Only notes what it would have refused.' },
}

/** "per day", "in any minute", "lifetime": beside the metric. */
export function windowText(window: LimitWindow): string {
  if (window.kind === 'lifetime') return 'lifetime'
  return window.kind === 'minute' ? 'in any minute' : `per ${window.unit}`
}

/** The zone whose days and months a window follows; null where it has none. */
export function windowZone(window: LimitWindow): string | null {
  return window.kind === 'calendar' ? window.zone : null
}

/** An amount of the metric as short as a table wants it: "1,204", "$4.20". */
export function shortAmount(metric: Metric, amount: bigint): string {
  return metric === 'costNanoUsd' ? shortUsd(amount) : shortCount(amount)
}

/** The same to the last digit, with its unit. */
export function exactAmount(metric: Metric, amount: bigint): string {
  if (metric === 'costNanoUsd') return fullUsd(amount)
  const one = metric === 'tokens' ? 'token' : 'request'
  return `${exactCount(amount)} ${amount === 1n ? one : `${one}s`}`
}

/** "Lifetime tokens", "Cost per month": what a limit counts. */
export function countedText({ metric, window }: Pick<Limit, 'metric' | 'window'>): string {
  const name = METRIC_NAMES[metric]
  return window.kind === 'lifetime' ? `Lifetime ${name.toLowerCase()}` : `${name} ${windowText(window)}`
}

/** "Lifetime tokens of user ada", "Cost per month of everybody": names one limit among all. */
export function limitTitle(limit: Pick<Limit, 'scope' | 'metric' | 'window'>): string {
  return `${countedText(limit)} of ${scopeText(limit.scope)}`
}

function scopeText({ kind, id }: Scope): string {
  return kind === 'tenant' ? SCOPE_NAMES.tenant.toLowerCase() : `${SCOPE_NAMES[kind].toLowerCase()} ${id}`
}
