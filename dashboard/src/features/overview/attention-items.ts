import type { AlertChannel } from '../../lib/alert-contract.ts'
import { deliveryText } from '../../lib/delivery-text.ts'
import type { Crossing, EntryRow, Health, Limit, Summary } from '../../lib/contract.ts'
import { integer, percentOf } from '../../lib/integer.ts'
import { countedText, exactAmount, SCOPE_NAMES } from '../../lib/limit-words.ts'
import type { Parameters } from '../../lib/location.ts'
import { counted, percentText } from '../../lib/numbers.ts'
import { refusalName } from '../../lib/refusal-names.ts'
import { type Standing, usageOfLimit } from '../../lib/standing.ts'

/** One thing to look at, and where. */
export interface AttentionItem {
  readonly key: string
  readonly severity: 'danger' | 'warning' | 'info'
  readonly title: string
  /** After the title; it may be long. */
  readonly name?: string
  readonly detail: string
  readonly to?: string
  readonly parameters?: Parameters
}

export interface AttentionInput {
  readonly summary: Summary | undefined
  readonly limits: readonly Limit[]
  readonly crossings: readonly Crossing[]
  /** Over which people are told of crossings. */
  readonly channels: readonly AlertChannel[]
  readonly health: Health
  /** Entries whose reported usage was not believed, in the summary's range: as many as one page has. */
  readonly quarantined: readonly EntryRow[]
  /** How late it is, for people, at an instant. */
  readonly clock: (instant: string) => string
}

const LIMITS_NAMED = 5
const CROSSINGS_NAMED = 3
export const MOST_QUARANTINED = 20
const RANK = { danger: 0, warning: 1, info: 2 }

/** What needs a person, the worst first. */
export function attentionItems(input: AttentionInput): AttentionItem[] {
  const items = [
    ...limitItems(input.limits),
    ...spoolItems(input),
    ...deploymentItems(input),
    ...(input.summary ? summaryItems(input.summary) : []),
    ...quarantineItems(input),
    ...channelItems(input),
    ...crossingItems(input),
  ]
  return items.toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
}

const SAID: Partial<Record<Standing, { severity: AttentionItem['severity']; text: string }>> = {
  reached: { severity: 'danger', text: 'limit reached' },
  held: { severity: 'warning', text: 'all held by running calls' },
  near: { severity: 'warning', text: 'nearly reached' },
}

function pressing(limits: readonly Limit[]) {
  return limits
    .map((limit) => ({ limit, usage: usageOfLimit(limit) }))
    .filter(({ usage: { standing } }) => SAID[standing] !== undefined)
    .toSorted((a, b) => (b.usage.percent ?? 0) - (a.usage.percent ?? 0))
}

function limitItems(limits: readonly Limit[]): AttentionItem[] {
  const found = pressing(limits)
  const named = found.slice(0, LIMITS_NAMED).map(({ limit, usage }): AttentionItem => {
    const { severity = 'warning', text = '' } = SAID[usage.standing] ?? {}
    const of = exactAmount(limit.metric, usage.limit ?? 0n)
    const mode = limit.mode === 'hard' ? '' : ` (${limit.mode})`
    return {
      key: limit.limitId,
      severity: limit.mode === 'hard' ? severity : 'warning',
      ...boundBy(limit),
      detail: `${countedText(limit)}: ${text}${mode}, ${percentText(usage.percent ?? 0)} of ${of}`,
      to: limit.scope.kind === 'user' ? `/users/${encodeURIComponent(limit.scope.id)}` : '/limits',
    }
  })
  const others = found.length - named.length
  if (others === 0) return named
  const title = `${counted(BigInt(others), 'more limit')} near or reached`
  return [
    ...named,
    { key: 'limits', severity: 'warning', title, detail: 'All limits, the fullest first', to: '/limits' },
  ]
}

/** Whom a limit binds: "User" and "ada", or "Everybody". */
function boundBy({ scope: { kind, id } }: Pick<Limit, 'scope'>): Pick<AttentionItem, 'title' | 'name'> {
  return { title: SCOPE_NAMES[kind], ...(kind !== 'tenant' && { name: id }) }
}

/** Whatever the sums say, these calls are not in them. */
function spoolItems({ health }: AttentionInput): AttentionItem[] {
  const calls = BigInt(health.ledger.spooledCalls)
  if (calls === 0n) return []
  const title = `${counted(calls, 'call')} went without the ledger`
  const detail = 'No limit was asked. They are booked by themselves when it can be reached'
  return [{ key: 'spool', severity: 'danger', title, detail }]
}

function deploymentItems({ health, clock }: AttentionInput): AttentionItem[] {
  return health.deployments
    .filter(({ state }) => state === 'cooling')
    .map(({ name, provider, coolsUntil, lastFailure }) => ({
      key: `deployment ${name}`,
      severity: 'danger',
      title: `${name} at ${provider} is cooling down${coolsUntil ? ` until ${clock(coolsUntil)}` : ''}`,
      detail: lastFailure ? `${lastFailure.reason}, at ${clock(lastFailure.at)}` : 'It failed too often',
      to: '/requests',
      parameters: { provider },
    }))
}

function summaryItems(summary: Summary): AttentionItem[] {
  const { refusals } = summary
  const entries = integer(summary.entries)
  const refused = integer(refusals.total)
  const shadow = integer(refusals.shadow)
  const unpriced = integer(summary.unpricedEntries)
  const guessed = (['estimated', 'bounded', 'unknown'] as const)
    .map((evidence) => [evidence, integer(summary.byEvidence[evidence] ?? 0)] as const)
    .filter(([, count]) => count > 0n)
  const notReported = guessed.reduce((sum, [, count]) => sum + count, 0n)
  const items: (AttentionItem | false)[] = [
    refused > 0n && {
      key: 'refusals',
      severity: 'warning',
      title: `${counted(refused, 'call was', 'calls were')} refused`,
      detail: Object.entries(refusals.byCode)
        .map(([code, count]) => `${refusalName(code)} ${integer(count)}`)
        .join(', '),
      to: '/requests',
      parameters: { view: 'refusals' },
    },
    unpriced > 0n && {
      key: 'unpriced',
      severity: 'warning',
      title: `${counted(unpriced, 'entry has', 'entries have')} no price`,
      detail: 'Not free: they are in no sum of money. Add their rates to the price book',
    },
    notReported > 0n && {
      key: 'evidence',
      severity: 'info',
      title: `${percentText(percentOf(notReported, entries))} of entries were not reported by the provider`,
      detail: guessed.map(([evidence, count]) => `${count} ${evidence}`).join(', '),
      to: '/requests',
      parameters: { evidence: guessed[0]?.[0] },
    },
    shadow > 0n && {
      key: 'shadow',
      severity: 'info',
      title: `${counted(shadow, 'call')} would have been refused by shadow limits`,
      detail: 'They passed: a shadow limit only notes',
      to: '/requests',
      parameters: { view: 'refusals' },
    },
  ]
  return items.filter((item) => item !== false)
}

/** A provider that reports what cannot be has changed its wire, or we misread it: a person has to look. */
function quarantineItems({ quarantined }: AttentionInput): AttentionItem[] {
  const [newest] = quarantined
  if (!newest) return []
  const many = quarantined.length >= MOST_QUARANTINED ? ' or more' : ''
  return [
    {
      key: 'quarantine',
      severity: 'danger',
      title: `${quarantined.length}${many} ${quarantined.length === 1 ? 'entry was' : 'entries were'} quarantined`,
      detail: `${newest.provider} ${newest.model}: ${newest.quarantine}. Estimates are counted in their place`,
      to: '/requests',
      parameters: { quarantined: 'true' },
    },
  ]
}

/** Channels over which nobody hears of what was crossed. */
function channelItems({ channels, clock }: AttentionInput): AttentionItem[] {
  return channels.flatMap(({ channel, waiting, failing }): AttentionItem[] => {
    if (!failing) return []
    const again = failing.nextAt === null ? '' : `. The next attempt is at ${clock(failing.nextAt)}`
    return [
      {
        key: `channel ${channel}`,
        severity: 'danger',
        title: `${counted(BigInt(waiting), 'alert waits', 'alerts wait')} for the ${channel}`,
        detail: `The last of ${counted(BigInt(failing.attempts), 'attempt')}: ${failing.error}${again}`,
        to: '/alerts',
      },
    ]
  })
}

/** Thresholds crossed lately, of limits that are not named already. */
function crossingItems({ crossings, limits, clock }: AttentionInput): AttentionItem[] {
  const named = new Set(pressing(limits).map(({ limit }) => limit.limitId))
  return crossings
    .filter(({ limitId }) => !named.has(limitId))
    .slice(0, CROSSINGS_NAMED)
    .map(({ id, threshold, limit, at, deliveries }) => ({
      key: `crossing ${id}`,
      severity: 'info',
      ...(limit ? boundBy(limit) : { title: 'A limit that is gone' }),
      detail: [
        `${limit ? `${countedText(limit)}: ` : ''}${threshold}\u00a0% crossed at ${clock(at)}`,
        ...deliveries.map((delivery) => deliveryText(delivery, clock)),
      ].join(', '),
      to: '/alerts',
    }))
}
