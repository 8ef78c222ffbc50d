import { usdFromNano } from '../core/money.ts'
import { count, type JsonInteger, usd } from './amounts.ts'

/** "How was this counted?", as the API answers it. */
export interface EntryDetail {
  readonly id: string
  readonly callId: string
  readonly attempt: number
  readonly userId: string
  readonly keyId: string
  readonly provider: string
  readonly model: string
  readonly servedModel: string | null
  readonly serviceTier: string | null
  readonly format: string
  readonly stream: boolean
  readonly outcome: string
  readonly evidence: string
  readonly ending: string
  readonly occurredAt: string
  readonly countedAt: string
  readonly durationMs: number
  readonly firstByteMs: number | null
  readonly httpStatus: number | null
  readonly totalTokens: number | null
  readonly costNanoUsd: JsonInteger | null
  readonly quarantine: string | null
  readonly buckets: Readonly<Record<string, number>>
  readonly elsewhere: readonly { readonly model: string; readonly buckets: Readonly<Record<string, number>> }[]
  readonly rawUsage: unknown
  readonly held: { readonly tokens: JsonInteger; readonly costNanoUsd: JsonInteger }
  readonly labels: Readonly<Record<string, string>>
  readonly price: { readonly version: string; readonly source: string } | null
  readonly costLines: readonly CostLine[]
}

interface CostLine {
  readonly what: string
  readonly model: string | null
  readonly count: number
  readonly ratePicoUsd: JsonInteger
}

/** The entry and its arithmetic, for people. */
export function countedLines(entry: EntryDetail): string[] {
  const { servedModel, serviceTier, firstByteMs, httpStatus, quarantine, price } = entry
  const labels = Object.entries(entry.labels).map(([name, value]) => `${name}=${value}`)
  return [
    fact('entry', `${entry.id}, attempt ${entry.attempt} of call ${entry.callId}`),
    fact('when', `${entry.occurredAt}${entry.countedAt === entry.occurredAt ? '' : `, counted ${entry.countedAt}`}`),
    fact('who', `${entry.userId}, with ${entry.keyId}`),
    fact('what', `${entry.provider}/${entry.model}${servedModel === null ? '' : `, served by ${servedModel}`}`),
    fact('how', `${entry.format}${entry.stream ? ', streamed' : ''}`),
    ...(serviceTier === null ? [] : [fact('tier', serviceTier)]),
    fact('ended', `${entry.outcome} after ${count(Math.round(entry.durationMs))} ms (${entry.ending})`),
    ...(httpStatus === null ? [] : [fact('HTTP', String(httpStatus))]),
    ...(firstByteMs === null ? [] : [fact('first byte', `${count(Math.round(firstByteMs))} ms`)]),
    fact('evidence', entry.evidence),
    ...(quarantine === null ? [] : [fact('quarantine', quarantine)]),
    fact('tokens', count(entry.totalTokens)),
    ...Object.entries(entry.buckets).map(([bucket, tokens]) => fact('', `${bucket} ${count(tokens)}`)),
    ...entry.elsewhere.flatMap(({ model, buckets }) =>
      Object.entries(buckets).map(([bucket, tokens]) => fact('', `${bucket} ${count(tokens)} of ${model}`)),
    ),
    fact('cost', usd(entry.costNanoUsd)),
    ...entry.costLines.map((line) => fact('', costWords(line))),
    ...(price === null ? [] : [fact('price', `${price.version} (${price.source})`)]),
    fact('held', `${count(entry.held.tokens)} tokens, ${usd(entry.held.costNanoUsd)}`),
    fact('raw usage', entry.rawUsage === null ? 'none was sent' : JSON.stringify(entry.rawUsage)),
    ...(labels.length === 0 ? [] : [fact('labels', labels.join(' '))]),
  ]
}

function fact(name: string, words: string): string {
  return `${name.padEnd(12)}${words}`
}

/** A rate per token is too small to be read: it is told for a million of them, and that of a tool for a thousand calls. */
function costWords({ what, model, count: times, ratePicoUsd }: CostLine): string {
  const rate = BigInt(ratePicoUsd)
  const isTool = what.startsWith('toolCalls.')
  const told = isTool ? `$${usdFromNano(rate)} per 1,000` : `$${usdFromNano(rate * 1000n)} per 1M`
  return `${count(times)} ${what}${model === null ? '' : ` of ${model}`} at ${told}`
}
