import type { AnswerHead, Frame, Meter, MeterReading, Verdict } from '../../../core/ports/format.ts'
import { anthropicMessagesMeter } from '../anthropic/messages-meter.ts'
import { type JsonObject, objectOrUndefined, stringOrEmpty } from '../field.ts'
import { outputText } from '../output-text.ts'
import { rawMember } from '../raw-usage.ts'
import { isException } from './converse-meter.ts'
import { addNativeText, countedByAws, hasStopped, nativeUsage } from './native-answer.ts'
import { servedTier } from './served-tier.ts'

/**
 * Reads the answers of InvokeModel. Claude's are Anthropic's own. Of the other makers', a usage object in the answer is
 * read where there is one, since it tells more, else what AWS counted: in the headers of a plain answer, in the last
 * piece of a stream. An answer does not say which of Bedrock's models served, in AWS's names for them.
 */
export function invokeMeter({ stream, headers }: AnswerHead): Meter {
  const claude = anthropicMessagesMeter({ stream })
  const text = outputText()
  const counted = stream ? undefined : countsOf(headers)
  const serviceTier = servedTier(headers[TIER_HEADER], headers[LATENCY_HEADER])
  let isClaude = false
  let native: ReturnType<typeof nativeUsage>
  let awsCount = counted && countedByAws(counted)
  let rawUsage: string | null = awsCount ? JSON.stringify(counted) : null
  let finished = false
  let failed = false

  const readAnswer = (json: JsonObject, data: string, raw: Buffer): Verdict => {
    isClaude ||= CLAUDES.has(json['type'])
    if (METRICS in json) {
      awsCount = countedByAws(objectOrUndefined(json[METRICS]) ?? {}) ?? awsCount
      rawUsage = rawMember(data, [METRICS]) ?? rawUsage
      finished = true
    }
    if (typeof json['message'] === 'string') failed = true
    if (isClaude) return claude.frame({ raw, event: '', data })
    addNativeText(text, json)
    const read = nativeUsage(json)
    if (read) {
      native = read
      rawUsage = rawMember(data, 'usage' in json ? ['usage'] : ['metadata', 'usage']) ?? rawUsage
    }
    if (!stream || hasStopped(json)) finished = true
    return !stream || METRICS in json ? 'hold' : 'pass'
  }
  const read = ({ event, data, raw }: Frame): Verdict => {
    if (!stream) return readAnswer(objectOrUndefined(JSON.parse(data)) ?? {}, data, raw)
    if (isException(event)) failed = true
    if (event !== 'chunk') return 'pass'
    const bytes = stringOrEmpty(objectOrUndefined(JSON.parse(data))?.['bytes'])
    const piece = Buffer.from(bytes, 'base64').toString()
    return readAnswer(objectOrUndefined(JSON.parse(piece)) ?? {}, piece, raw)
  }
  const nativeReading = (): MeterReading => ({
    usage: native?.usage ?? awsCount,
    reportedTotal: native?.reportedTotal,
    rawUsage,
    servedModel: null,
    finished,
    failed: false,
    outputText: text.text(),
    outputLength: text.length(),
  })
  const claudeReading = (): MeterReading => {
    const reading = claude.reading()
    return { ...reading, servedModel: null, ...(reading.usage === undefined && { usage: awsCount, rawUsage }) }
  }

  return {
    frame(frame) {
      try {
        return read(frame)
      } catch {
        return stream ? 'pass' : 'hold'
      }
    },
    reading() {
      const reading = isClaude ? claudeReading() : nativeReading()
      const { usage } = reading
      return {
        ...reading,
        usage: usage && serviceTier !== undefined ? { ...usage, serviceTier } : usage,
        finished: reading.finished && !failed,
        failed: failed || reading.failed,
      }
    },
  }
}

const METRICS = 'amazon-bedrock-invocationMetrics'
const TIER_HEADER = 'x-amzn-bedrock-service-tier'
const LATENCY_HEADER = 'x-amzn-bedrock-performanceconfig-latency'

/** What Anthropic's answers, and the first event of its streams, are called: no other maker has these. */
const CLAUDES = new Set<unknown>(['message', 'message_start', 'error'])

const COUNT_HEADERS = {
  inputTokenCount: 'x-amzn-bedrock-input-token-count',
  outputTokenCount: 'x-amzn-bedrock-output-token-count',
  cacheReadInputTokenCount: 'x-amzn-bedrock-cache-read-input-token-count',
  cacheWriteInputTokenCount: 'x-amzn-bedrock-cache-write-input-token-count',
} as const

function countsOf(headers: AnswerHead['headers']): JsonObject {
  return Object.fromEntries(
    Object.entries(COUNT_HEADERS).flatMap(([name, header]) => {
      const told = headers[header]
      return typeof told === 'string' && /^-?\d{1,15}$/.test(told) ? [[name, Number(told)]] : []
    }),
  )
}
