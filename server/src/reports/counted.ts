import type { PlacedEntry } from '../core/entry.ts'
import type { ReportStore } from '../core/ports/report-store.ts'
import { type CostLine, costCeilingLines, costOf, type Price, type Rates, ratesFor, tableFor } from '../core/price.ts'
import { type Buckets, inputTokens, outputTokens, type Usage } from '../core/usage.ts'
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
  const { priceVersion, usage } = entry
  const versions = [priceVersion, ...(usage.elsewhere ?? []).map((one) => one.priceVersion ?? null)]
  const [price, ...elsewhere] = await Promise.all(
    versions.map(async (version) => (version === null ? undefined : store.price(version))),
  )
  return detailOf(entry, price, elsewhere)
}

/** `elsewhere`: the prices of the usage's other models, in their order. */
function detailOf(entry: PlacedEntry, price: Price | undefined, elsewhere: readonly (Price | undefined)[]) {
  const { usage } = entry
  const others = (usage.elsewhere ?? []).map(({ model, buckets }, index) => ({ model, buckets, by: elsewhere[index] }))
  const byModel = new Map(others.map(({ model, by }) => [model, by]))
  return {
    ...entryRow(entry),
    buckets: usage.buckets,
    elsewhere: others.map(({ model, buckets, by }) => ({
      model,
      buckets,
      price: by ? priceOf(by, usage, buckets) : null,
    })),
    toolCalls: usage.toolCalls ?? {},
    rawUsage: entry.rawUsage === null ? null : verbatim(entry.rawUsage),
    held: entry.held,
    audit: entry.audit,
    labels: entry.labels,
    countedAt: isoTime(entry.countedAtMs),
    price: price ? priceOf(price, usage, usage.buckets) : null,
    costLines: (price ? costLines(entry, price, byModel) : []).map((line) => ({ ...line, model: line.model ?? null })),
  }
}

/**
 * The arithmetic of the entry's cost, from the prices that it was booked with. What a dead process left is counted at
 * its bound, which was priced by the dearest rates; so are its lines.
 */
function costLines(
  entry: Pick<PlacedEntry, 'usage' | 'evidence' | 'costNanoUsd'>,
  price: Price,
  elsewhere: ReadonlyMap<string, Price | undefined>,
): readonly CostLine[] {
  if (entry.evidence === 'bounded') {
    const tokens = { input: inputTokens(entry.usage) ?? 0, output: outputTokens(entry.usage) ?? 0 }
    return costCeilingLines(price, tokens, entry.costNanoUsd) ?? []
  }
  const cost = costOf(entry.usage, price, (model) => elsewhere.get(model))
  return cost.kind === 'priced' ? cost.lines : []
}

/** The price with the rates that held for these tokens, at the tier that served them. */
function priceOf(price: Price, { serviceTier }: Usage, buckets: Buckets) {
  const { version, provider, model, source } = price
  const rates = ratesFor(tableFor(price, serviceTier) ?? price, inputTokens({ buckets }) ?? 0)
  return { version, provider, model, source, ratesPicoUsd: ratesByName(rates) }
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
