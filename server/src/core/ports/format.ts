import type { Demand } from '../bound.ts'
import type { ErrorBody } from '../errors.ts'
import type { Usage } from '../usage.ts'

/** One frame of an answer: its bytes as they came, and what they say. A plain JSON answer is one frame. */
export interface Frame {
  readonly raw: Buffer
  readonly event: string
  readonly data: string
}

/** Cuts bytes into frames. Whatever the cuts of the network, the frames' raw bytes in order are the bytes that came. */
export interface Framing {
  push(chunk: Buffer): readonly Framed[]
  /** What was still incomplete when the bytes ended. */
  end(): readonly Framed[]
}
/**
 * Bytes outside of any frame pass untouched and are not metered: `opaque` ones say nothing (a comment, a bracket), `unread`
 * ones might (too large, or damaged).
 */
export type Framed =
  { readonly kind: 'frame'; readonly frame: Frame } | { readonly kind: 'opaque' | 'unread'; readonly raw: Buffer }

/**
 * What to do with a frame. `hold` is for the terminal one, after which no figure changes: it waits until the entry is
 * durable. `keep` is for one that looks like an end to clients while figures may still come: it and all after it wait
 * for the end of the answer, and for the entry.
 */
export type Verdict = 'pass' | 'drop' | 'hold' | 'keep' | { readonly replaceWith: Buffer }

/** Reads usage out of the frames of one answer. Never throws: what it cannot read, it does not know. */
export interface Meter {
  frame(frame: Frame): Verdict
  reading(): MeterReading
}

export interface MeterReading {
  /** Undefined where the provider reported none. */
  readonly usage: Usage | undefined
  /** The provider's total, where it gives one, for the check of conservation. */
  readonly reportedTotal: number | undefined
  readonly rawUsage: string | null
  readonly servedModel: string | null
  /** The answer came to its end, so its usage is final. */
  readonly finished: boolean
  /** The provider reported an error inside an answer that had begun well. */
  readonly failed: boolean
  /** The generated text so far, cut at a cap, and its whole length in UTF-16 units: for an estimate. */
  readonly outputText: string
  readonly outputLength: number
  /** How often the answer shows that the model's context may have been filled: by each of several texts or choices. */
  readonly contexts?: number
}

/** What a request's address says of a call: some APIs name the model and the mode there, and not in the body. */
export interface Address {
  /** Decoded; undefined where the body names it. */
  readonly model?: string
  /** Undefined where the body says it. */
  readonly stream?: boolean
  /** The path asks to make a conversation shorter, and not to answer it. */
  readonly compacts?: true
  /** Without the question mark, and without what authenticates. */
  readonly query: string
}

/** An answer as it begins: whether frames stream, and its headers, in which some providers report usage. */
export interface AnswerHead {
  readonly stream: boolean
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** An API's shape: what a request asks, what an answer says, and how an error looks. Knows nothing of hosts and keys. */
export interface Format {
  readonly name: string
  /** Reads a request. Bad fields are refused here, so that limits see exactly what the provider will see. */
  demand(body: RequestBody, address: Address): Demand
  /** The texts that make up the input, for tokenizers. */
  inputText(body: RequestBody): string
  /** The request with our edits spliced in; every other byte stays. */
  edit(body: RequestBody, edits: Edits): Buffer
  /** `stripUsage`: the usage in a stream is ours alone, asked for by `edit`, and is taken out again. */
  meter(answer: AnswerHead & { readonly stripUsage: boolean }): Meter
  /** Whether the client itself asked for usage in the stream, or the API sends it anyway. */
  reportsUsageUnasked(body: RequestBody): boolean
  /** Undefined where the API has no call that counts the input of another. */
  readonly counting?: Counting
  error(error: ErrorBody): unknown
  /** What the API tells of an error outside of its body. */
  errorHeaders?(error: ErrorBody): Readonly<Record<string, string>>
}

/** How a provider is asked, for free, how many tokens the input of a call has. */
export interface Counting {
  /** The body that asks for the count, for the model's name at the provider. */
  request(body: RequestBody, upstreamModel: string): unknown
  /** The count in the answer; undefined where it has none. */
  inputTokens(answer: unknown): unknown
}

export interface Edits {
  /** The model's name at the provider, where it differs from what the client wrote. */
  readonly model?: string
  /** The model's name at the provider in any case, for APIs whose bodies depend on whose model it is. */
  readonly upstreamModel?: string
  /** Per choice. */
  readonly maxOutputTokens?: number
  /** Where OpenAI's shape takes a ceiling that the client did not give: hosts differ. */
  readonly outputCapField?: 'max_tokens' | 'max_completion_tokens'
  readonly includeUsage?: boolean
}

/** A request's body, parsed once and strictly: valid UTF-8, one JSON object, no key twice. */
export interface RequestBody {
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
  /** Where the top-level members stand in the text. */
  readonly members: ReadonlyMap<string, MemberSpan>
}
/** A request's body that may be told to keep its text alone; what is asked of it later is read again. */
export interface ReadBody extends RequestBody {
  forget(): void
}
/** Offsets in UTF-16 units: of the key's opening quote, and of the value. */
export interface MemberSpan {
  readonly keyStart: number
  readonly valueStart: number
  readonly valueEnd: number
}
