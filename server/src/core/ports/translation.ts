import type { ErrorBody } from '../errors.ts'

/** How calls in one API are answered by models that only speak another. */
export interface Translation {
  /** Names of formats. */
  readonly from: string
  readonly into: string
  /** Throws PublicError where the call cannot be said in the other API. */
  answer(call: TranslatedCall): Promise<TranslatedAnswer | RefusedThere>
}

/** A call to translate: what the client asked, and whose it is. */
export interface TranslatedCall {
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  readonly model: string
  readonly stream: boolean
  /** The client's own key, which the native route identifies again. */
  readonly key: string
  /** The client's headers that are meant for us: labels and audit fields. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly atMs: number
}

export interface TranslatedAnswer {
  readonly status: number
  readonly contentType: string
  /** What the native route said of the call: its id, what is left. */
  readonly headers: Readonly<Record<string, string>>
  readonly pieces: AsyncIterable<string>
}

/** What the native route refused, and has counted: it is only still to be told. */
export interface RefusedThere {
  readonly refusal: ErrorBody
  readonly callId: string
}
