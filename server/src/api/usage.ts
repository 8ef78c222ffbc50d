import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Identity } from '../core/account.ts'
import type { Entry } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'
import { namesFor } from '../core/few-names.ts'
import { applying, NO_AMOUNTS } from '../core/limit.ts'
import { costOf } from '../core/price.ts'
import { anInstant, aText, integer64 } from './fields.ts'
import type { IngestedEvent } from '../ledger/plans.ts'
import { type Context, type ControlRoute, route } from './route.ts'

/** More than any model can read or write at once; more is a mistake in a unit. */
const MOST_TOKENS = 1_000_000_000
const aTokenCount = z.int().min(0).max(MOST_TOKENS)
const aLabel = aText(200)

const eventSchema = z.strictObject({
  id: aText(200).optional().describe("the sender's own id: the same id and body are counted once"),
  source: aText(200).default('usage').describe('apart for each source are ids unique'),
  provider: aText(100),
  model: aText(200),
  prompt_tokens: aTokenCount,
  completion_tokens: aTokenCount,
  timestamp: anInstant.optional().describe('when it happened; by default now'),
  latency_ms: z.number().min(0).max(86_400_000).optional(),
  tenant_id: aLabel.optional().describe('a label: the key decides who pays'),
  user_id: aLabel.optional().describe('a label: the key decides who consumed'),
  host: z
    .strictObject({
      hostname: aLabel,
      cloud_provider: aLabel,
      instance_id: aLabel,
      k8s: z.strictObject({ pod: aLabel, namespace: aLabel }).partial(),
    })
    .partial()
    .optional(),
})
type UsageEvent = z.output<typeof eventSchema>

const answer = z.strictObject({ id: z.string(), duplicate: z.boolean(), costNanoUsd: integer64.nullable() })

export const usageRoutes: readonly ControlRoute[] = [
  route({
    method: 'POST',
    path: '/usage',
    summary: 'Book what was used elsewhere',
    authentication: 'key',
    metering: 'ingested',
    body: eventSchema,
    answers: { 200: answer, 201: answer },
    async handle({ ledger, ...context }, { caller: { identity }, body }, reply) {
      const { entry, price } = entryFrom(context, identity, body)
      const key = { source: body.source, id: body.id ?? entry.id, digest: digestOf(body) }
      const { kind, entryId } = await ingest(context, ledger, identity, { entry, key, price })
      if (kind === 'ingested') {
        reply.code(201)
        return { id: entryId, duplicate: false, costNanoUsd: entry.costNanoUsd }
      }
      const booked = await context.reports.entry(identity.tenant.id, entryId)
      return { id: entryId, duplicate: true, costNanoUsd: booked?.costNanoUsd ?? null }
    },
  }),
]

/** Books the event under the limits as they are: where they have changed since the caller was identified, again. */
async function ingest(
  { accounts }: Pick<Context, 'accounts'>,
  ledger: Context['ledger'],
  caller: Identity,
  event: Pick<IngestedEvent, 'entry' | 'key' | 'price'>,
) {
  for (let identity: Identity | undefined = caller; identity; identity = await accounts.refresh(identity)) {
    const limits = applying(identity.limits, event.entry)
    const ingested = await ledger.ingest({ ...event, limits, tenantVersion: identity.tenant.version })
    if (ingested.kind !== 'stale') return ingested
  }
  throw new PublicError('unauthenticated', 'This key was revoked just now.')
}

/** The entry of an event: counted when it arrives, so that no date dodges a limit; priced and reported when it happened. */
function entryFrom(
  { newId, now, prices, names }: Pick<Context, 'newId' | 'now' | 'prices' | 'names'>,
  who: Identity,
  event: UsageEvent,
) {
  const nowMs = now()
  const occurredAtMs = event.timestamp ?? nowMs
  requirePlausible(occurredAtMs, nowMs)
  const { provider, prompt_tokens, completion_tokens } = event
  const model = prices.canonical(provider, event.model)
  const usage = { buckets: { inUncached: prompt_tokens, outText: completion_tokens } }
  const price = prices.price(provider, model, occurredAtMs, who.tenant.id)
  const cost = price && costOf(usage, price)
  const id = newId()
  const entry: Entry = {
    id,
    callId: id,
    attempt: 1,
    format: 'usage',
    stream: false,
    tenantId: who.tenant.id,
    userId: who.user.id,
    keyId: who.key.id,
    ...named(names, who, { provider, model, written: event.model }, nowMs),
    audit: {},
    labels: labelsOf(event),
    ending: 'ingested',
    outcome: 'completed',
    evidence: 'reported',
    usage,
    rawUsage: JSON.stringify({ prompt_tokens, completion_tokens }),
    quarantine: null,
    httpStatus: null,
    firstByteMs: null,
    costNanoUsd: cost?.kind === 'priced' ? cost.costNanoUsd : null,
    priceVersion: cost?.kind === 'priced' ? price!.version : null,
    durationMs: Math.round(event.latency_ms ?? 0),
    countedAtMs: nowMs,
    occurredAtMs,
    held: NO_AMOUNTS,
  }
  return { entry, price: entry.priceVersion === null ? undefined : price }
}

/**
 * The names that the entry goes by. They are the sender's own, so only so many new ones in a day; where they are not those
 * that were written, these stand beside them.
 */
function named(
  names: Context['names'],
  who: Identity,
  { provider, model, written }: { provider: string; model: string; written: string },
  nowMs: number,
) {
  const kept = namesFor(names, who, { provider, model }, nowMs)
  if (kept.provider !== provider || kept.model !== model) return { ...kept, servedModel: `${provider}/${written}` }
  return { ...kept, servedModel: written === model ? null : written }
}

/** Before the first commercial model, or further ahead than clocks differ, is a mistake. */
const EARLIEST_MS = Date.UTC(2020, 0, 1)
const MOST_AHEAD_MS = 5 * 60_000

function requirePlausible(occurredAtMs: number, nowMs: number): void {
  if (occurredAtMs >= EARLIEST_MS && occurredAtMs <= nowMs + MOST_AHEAD_MS) return
  throw new PublicError('invalid_field', 'timestamp must be after 2020 and at most five minutes ahead.', {
    field: 'timestamp',
  })
}

function labelsOf({ tenant_id, user_id, host }: UsageEvent): Record<string, string> {
  const labels = {
    tenant_id,
    user_id,
    'host.hostname': host?.hostname,
    'host.cloud_provider': host?.cloud_provider,
    'host.instance_id': host?.instance_id,
    'host.k8s.pod': host?.k8s?.pod,
    'host.k8s.namespace': host?.k8s?.namespace,
  }
  return Object.fromEntries(Object.entries(labels).filter((label): label is [string, string] => label[1] !== undefined))
}

/** Equal for events that say the same, however they were written. The schema's parse gives its members one order. */
function digestOf(event: UsageEvent): string {
  return createHash('sha256').update(JSON.stringify(event)).digest('hex')
}
