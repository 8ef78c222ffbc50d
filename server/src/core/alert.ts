import { parseCounterId } from './counter.ts'
import type { Crossing } from './crossing.ts'
import type { Metric, ScopeKind } from './limit.ts'
import { usdFromNano } from './money.ts'
import type { Window } from './window.ts'

/** What people are told over a channel. */
export interface Alert {
  /** The same at every attempt and from every process: by it a receiver knows what it was told before. */
  readonly id: string
  /** When it happened, not when it is told. */
  readonly atMs: number
  /** For people, in one line. */
  readonly text: string
  /** Null where it is only a test. */
  readonly crossing: Crossing | null
  /** Of the limit that was crossed; null where it is a test, or nobody knows the limit any more. */
  readonly window: Window | null
}

const WHO: Readonly<Record<ScopeKind, string>> = {
  tenant: 'Tenant',
  user: 'User',
  key: 'Key',
  provider: 'Provider',
  model: 'Model',
  label: 'Label',
}

/**
 * What a crossing means to people: who used how much of what, what is left, and when it begins anew (A04). The threshold itself
 * is not told: it says less than what was used.
 */
export function alertText({ counterId, amount, settled }: Crossing, window: Window | null): string {
  const { scopeKind, scopeId, metric, endMs } = parseCounterId(counterId)
  const show = amountText[metric]
  const left = amount - settled
  const rest = left < 0n ? `${show(-left)} beyond it` : `left ${show(left)}`
  const resets = window?.kind === 'lifetime' ? 'never resets' : `resets ${instantText(endMs, zoneOf(window))}`
  return `${WHO[scopeKind]} ${scopeId} used ${usedPercent(amount, settled)}% of ${withUnit(amount, metric)} (${rest}), ${resets}`
}

/** Rounded down, so that nothing is told to be used up before it is. */
export function usedPercent(amount: bigint, settled: bigint): bigint {
  return (settled * 100n) / amount
}

const amountText: Readonly<Record<Metric, (amount: bigint) => string>> = {
  tokens: grouped,
  requests: grouped,
  costNanoUsd: dollars,
}

function withUnit(amount: bigint, metric: Metric): string {
  return metric === 'costNanoUsd' ? dollars(amount) : `${grouped(amount)} ${metric}`
}

const NANO_PER_CENT = 10_000_000n

/** `$10`, `$1.50`; cents are cut off, but what is less than one is told as it is. */
function dollars(nanoUsd: bigint): string {
  const cut = nanoUsd < NANO_PER_CENT ? nanoUsd : nanoUsd - (nanoUsd % NANO_PER_CENT)
  const [whole, cents] = usdFromNano(cut).split('.')
  return cents === undefined ? `$${whole}` : `$${whole}.${cents.padEnd(2, '0')}`
}

function grouped(amount: bigint): string {
  return amount.toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `1 Dec 00:00 Europe/Amsterdam`: on the limit's own clock, which is named. */
function instantText(atMs: number, zone: string): string {
  const { day, month, hour, minute } = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)
  const [hours, minutes] = [hour, minute].map((part) => String(part).padStart(2, '0'))
  return `${day} ${MONTHS[month - 1]} ${hours}:${minutes} ${zone}`
}

function zoneOf(window: Window | null): string {
  return window?.kind === 'calendar' ? window.zone : 'UTC'
}
