import { parseDecimal } from '../core/money.ts'
import type { Metric, Scope } from '../core/limit.ts'
import { CALENDAR_UNITS, type Window } from '../core/window.ts'
import { count, type JsonInteger, usd } from './amounts.ts'
import { EXIT, Failure } from './failure.ts'

/** What a limit allows, as the API takes it. */
export interface Allowed {
  readonly metric: Metric
  /** Null binds nobody and goes on counting. */
  readonly amount: JsonInteger | null
  readonly window: Window
}

export const SCOPE_HELP = 'alice or user:alice, tenant, key:<keyId>, provider:openai, model:gpt-4o, label:team=search'
export const ALLOWED_HELP =
  "1M/month (tokens), 60req/minute, 100usd/day or '$100/day'; per minute, hour, day, week, month, or lifetime"

const KINDS = ['user', 'key', 'provider', 'model', 'label'] as const

/** Whom a limit binds, as a person writes it: a plain word is a user. */
export function parseScope(text: string): Scope {
  if (text === 'tenant') return { kind: 'tenant', id: 'default' }
  const [kind = '', ...rest] = text.split(':')
  const known = KINDS.find((one) => one === kind)
  const id = rest.join(':')
  if (known === undefined) return { kind: 'user', id: text }
  if (id === '' || (known === 'label' && !/^[^=]+=./.test(id)))
    throw new Failure(`${JSON.stringify(text)} names nothing to limit. Write ${SCOPE_HELP}.`, EXIT.usage)
  return { kind: known, id }
}

/** An amount and its window, as a person writes them. A unit is never guessed: `$` or `usd` is money, `req` requests. */
export function parseAllowed(text: string, zone: string): Allowed {
  const [amountText = '', windowText = 'lifetime', ...more] = text.split('/')
  const window = windowFrom(windowText.trim(), zone)
  const amount = amountFrom(amountText.trim())
  if (amount === undefined || window === undefined || more.length > 0)
    throw new Failure(`${JSON.stringify(text)} is no limit. Write it as ${ALLOWED_HELP}.`, EXIT.usage)
  return { ...amount, window }
}

/** A limit's amount in the words that it can be given in. */
export function amountWords(metric: Metric, amount: JsonInteger | null): string {
  if (amount === null) return 'none'
  return metric === 'costNanoUsd' ? usd(amount) : `${count(amount)} ${metric}`
}

export function windowWords(window: Window): string {
  if (window.kind === 'calendar') return `${window.unit} ${window.zone}`
  return window.kind
}

export function scopeWords({ kind, id }: Scope): string {
  return kind === 'tenant' ? 'tenant' : `${kind}:${id}`
}

/** An instant on the clock by which a window ends. */
export function resetWords(resetsAt: string | null, window: Window): string {
  if (resetsAt === null) return window.kind === 'minute' ? 'sliding' : 'never'
  const zone = window.kind === 'calendar' ? window.zone : 'UTC'
  const at = Temporal.Instant.from(resetsAt).toZonedDateTimeISO(zone)
  return `${at.toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')} ${zone}`
}

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 3, M: 6, G: 9, B: 9 }
const NANO_DIGITS = 9
const AMOUNT =
  /^(?<dollar>\$?)(?<digits>(?:0|[1-9][\d_]*)(?:\.\d+)?)(?<power>[kMGB]?) ?(?<unit>|usd|tokens?|req|requests?)$/

function amountFrom(text: string): Pick<Allowed, 'metric' | 'amount'> | undefined {
  const { dollar, digits = '', power = '', unit = '' } = AMOUNT.exec(text)?.groups ?? {}
  const isMoney = dollar === '$' || unit === 'usd'
  if (dollar === '$' && unit !== '' && unit !== 'usd') return undefined
  const scale = (POWERS[power] ?? 0) + (isMoney ? NANO_DIGITS : 0)
  const amount = parseDecimal(digits.replaceAll('_', ''), scale)
  if (amount === undefined) return undefined
  const metric = isMoney ? 'costNanoUsd' : unit.startsWith('req') ? 'requests' : 'tokens'
  return { metric, amount: amount <= Number.MAX_SAFE_INTEGER ? Number(amount) : amount.toString() }
}

function windowFrom(text: string, zone: string): Window | undefined {
  if (text === 'lifetime' || text === 'total') return { kind: 'lifetime' }
  if (text === 'minute') return { kind: 'minute' }
  const unit = CALENDAR_UNITS.find((one) => one === text)
  return unit && { kind: 'calendar', unit, zone }
}
