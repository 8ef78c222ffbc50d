import type { PlacedEntry } from '../core/entry.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { type CostLine, costCeilingLines, costOf, type Price, type Rates, ratesFor } from '../core/price.ts'
import { inputTokens, outputTokens } from '../core/usage.ts'
import { entryRow } from './entries.ts'
import { refusalRow } from './refusals.ts'
import { isoTime } from './time.ts'

/** "How was this counted?": everything that an entry's tokens and cost came from. */
export async function findEntry(
  store: Pick<ReportStore, 'entry' | 'price'>,
  tenantId: string,
  id: string,
): Promise<ReturnType<typeof detailOf> | undefined> {
  const entry = await store.entry(tenantId, id)
  return entry && withPrice(store, entry)
}

/** No call is tried so often. */
const MOST_ATTEMPTS = 200

/** All that is known of a call: its attempts in order, and why it was refused; undefined where nothing is. */
export async function findCall(
  store: Pick<ReportStore, 'entries' | 'refusals' | 'price'>,
  tenantId: string,
  callId: string,
) {
  const query = { tenantId, callId, limit: MOST_ATTEMPTS }
  const [found, refusals] = await Promise.all([store.entries(query), store.refusals(query)])
  if (found.length === 0 && refusals.length === 0) return undefined
  const attempts = found.toSorted((a, b) => a.attempt - b.attempt || a.seq - b.seq)
  const entries = await Promise.all(attempts.map((entry) => withPrice(store, entry)))
  return { callId, entries, refusals: refusals.map(refusalRow).toReversed() }
}

async function withPrice(store: Pick<ReportStore, 'price'>, entry: PlacedEntry) {
  const price = entry.priceVersion === null ? undefined : await store.price(entry.priceVersion)
  return detailOf(entry, price)
}

function detailOf(entry: PlacedEntry, price: Price | undefined) {
  return {
    ...entryRow(entry),
    buckets: entry.usage.buckets,
    toolCalls: entry.usage.toolCalls ?? {},
    rawUsage: entry.rawUsage === null ? null : verbatim(entry.rawUsage),
    held: entry.held,
    audit: entry.audit,
    labels: entry.labels,
    countedAt: isoTime(entry.countedAtMs),
    price: price ? priceOf(price, inputTokens(entry.usage) ?? 0) : null,
    costLines: price ? costLines(entry, price) : [],
  }
}

/**
 * The arithmetic of the entry's cost, from the price that it was booked with. What a dead process left is counted at
 * its bound, which was priced by the dearest rates; so are its lines.
 */
function costLines(
  entry: Pick<PlacedEntry, 'usage' | 'evidence' | 'ending' | 'costNanoUsd'>,
  price: Price,
): readonly CostLine[] {
  if (entry.ending === 'expired' && entry.evidence === 'bounded') {
    const tokens = { input: inputTokens(entry.usage) ?? 0, output: outputTokens(entry.usage) ?? 0 }
    return costCeilingLines(price, tokens, entry.costNanoUsd) ?? []
  }
  const cost = costOf(entry.usage, price)
  return cost.kind === 'priced' ? cost.lines : []
}

function priceOf(price: Price, input: number) {
  const { version, provider, model, source } = price
  return { version, provider, model, source, ratesPicoUsd: ratesByName(ratesFor(price, input)) }
}

function ratesByName({ perToken, perToolCall }: Rates): Record<string, bigint> {
  const tools = Object.entries(perToolCall).map(([kind, rate]) => [`toolCalls.${kind}`, rate] as const)
  const tokens = Object.entries(perToken).filter((entry): entry is [string, bigint] => entry[1] !== undefined)
  return Object.fromEntries([...tokens, ...tools])
}

/** The provider's own object, with its numbers exactly as they were written. */
function verbatim(rawUsage: string): unknown {
  try {
    return JSON.parse(rawUsage, (_key: string, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined ? JSON_TEXT.rawJSON(context.source) : value,
    )
  } catch {
    return { unparsed: rawUsage }
  }
}

/** Node has it; the types of TypeScript do not yet (ECMAScript proposal JSON.parse source text access). */
const JSON_TEXT = JSON as typeof JSON & { rawJSON(text: string): unknown }
