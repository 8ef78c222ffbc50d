import { readdirSync, readFileSync } from 'node:fs'
import type { Address, Meter, MeterReading, RequestBody } from '../../core/ports/format.ts'
import { parseRequestBody } from '../../core/request-body.ts'
import type { Usage } from '../../core/usage.ts'
import { FORMATS, type FormatName } from '../formats/all.ts'
import { framingOf } from '../framing/all.ts'

/** One answer of a provider and what is to be made of it: see the README of `contract/`. */
export interface Recording {
  readonly name: string
  readonly about: string
  readonly format: FormatName
  readonly mode: 'stream' | 'body'
  readonly address?: Partial<Address>
  readonly request: object
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly bodyBase64?: string
  }
  readonly relayedBody?: string
  readonly expected: Pick<MeterReading, 'servedModel' | 'finished' | 'failed' | 'outputText'> & {
    readonly usage: Usage | null
    readonly reportedTotal: number | null
    readonly implausible?: true
    readonly cost?: RecordedRates & {
      readonly tiers?: readonly (RecordedRates & { readonly aboveInputTokens: number })[]
      /** By model; each has an own price beside it. */
      readonly elsewhere?: Readonly<Record<string, RecordedRates>>
      readonly costNanoUsd: number
    }
  }
}

/** Of the tier that served, where the usage names one. */
export interface RecordedRates {
  readonly ratesPicoUsd: Readonly<Record<string, number>>
  readonly toolCallRatesPicoUsd?: Readonly<Record<string, number>>
}

const FOLDER = new URL('../../../../contract/wires/', import.meta.url)

/** Every recording of every format; a format without any has none of its promises kept. */
export const RECORDINGS: readonly Recording[] = Object.keys(FORMATS).flatMap((format) =>
  readdirSync(new URL(`${format}/`, FOLDER)).map(
    (file) => JSON.parse(readFileSync(new URL(`${format}/${file}`, FOLDER), 'utf8')) as Recording,
  ),
)

/** The one of that name: `openai-chat/plain`. */
export function recorded(name: string): Recording {
  const found = RECORDINGS.find((recording) => `${recording.format}/${recording.name}` === name)
  if (!found) throw new Error(`there is no recording ${name}`)
  return found
}

export function bytesOf({ response }: Recording): Buffer {
  return response.bodyBase64 === undefined
    ? Buffer.from(response.body ?? '')
    : Buffer.from(response.bodyBase64, 'base64')
}

export interface Replayed {
  readonly relayed: Buffer
  readonly held: number
  readonly reading: MeterReading
}

/** Replays an answer that comes in the given pieces, as the relay would; each frame as often as said. */
export function replay(recording: Recording, pieces: readonly Buffer[], times = 1): Replayed {
  const asked = recording.mode === 'stream'
  const { framing, stream } = framingOf(recording.response.headers['content-type'] ?? '', asked)
  const meter = meterFor(recording, stream)
  const relayed: Buffer[] = []
  let held = 0
  for (const piece of [...pieces.flatMap((bytes) => framing.push(bytes)), ...framing.end()]) {
    if (piece.kind !== 'frame') {
      relayed.push(piece.raw)
      continue
    }
    let verdict = meter.frame(piece.frame)
    for (let again = 1; again < times; again++) verdict = meter.frame(piece.frame)
    if (verdict === 'hold' || verdict === 'keep') held++
    if (typeof verdict === 'object') relayed.push(verdict.replaceWith)
    else if (verdict !== 'drop') relayed.push(piece.frame.raw)
  }
  return { relayed: Buffer.concat(relayed), held, reading: meter.reading() }
}

export function requestOf({ request }: Recording): RequestBody {
  return parseRequestBody(JSON.stringify(request))
}

function meterFor(recording: Recording, stream: boolean): Meter {
  const format = FORMATS[recording.format]
  const stripUsage = stream && !format.reportsUsageUnasked(requestOf(recording))
  return format.meter({ stream, headers: recording.response.headers, stripUsage })
}
