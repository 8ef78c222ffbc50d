import type { ModelCeilings } from '../bound.ts'

/** One configured endpoint, credential and model at a provider. */
export interface Deployment {
  /** Tells it apart from every other, for people: `openai gpt-4o at api.openai.com`. */
  readonly name: string
  /** The company whose API it is: `openai`, `anthropic`, `sim`, or the name of a compatible host. */
  readonly provider: string
  /** The API it speaks, by the name of a Format. */
  readonly format: string
  /** How requests reach it, by the name of an Endpoint. */
  readonly endpoint: string
  /** Origin and path prefix, without a trailing slash: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  /** The model's canonical name: what limits, prices and reports go by. */
  readonly model: string
  /** The name to send upstream. */
  readonly upstreamModel: string
  /** The model's name is a client's own: its host serves any, and no price or list has heard of it. */
  readonly isUnheardOf?: true
  readonly ceilings: ModelCeilings
  readonly disconnect: DisconnectPolicy
  /** Azure's `api-version`, for calls that bring none; undefined where the host needs none. */
  readonly apiVersion?: string
  /** Undefined where none is configured: such a deployment is known, and refuses with the name of what is missing. */
  readonly credential: string | undefined
  /** The environment variable that the credential comes from, for that refusal. */
  readonly credentialName: string
  /** Where requests are signed by AWS's rules: what it takes beside the credential, which is the secret key then. */
  readonly signing?: Signing
  /** Whether the host knows OpenAI's `max_completion_tokens`, or only the older `max_tokens`. */
  readonly knowsMaxCompletionTokens: boolean
  /** Whether the host takes OpenAI's `stream_options`; one that does not sends usage in streams unasked, or not at all. */
  readonly knowsStreamOptions: boolean
}

export interface Signing {
  readonly accessKeyId: string
  /** Of credentials that were given for a time. */
  readonly sessionToken?: string
  readonly region: string
}

/** How a deployment has been doing, as far as this process has seen. */
export interface DeploymentHealth {
  readonly name: string
  readonly provider: string
  readonly model: string
  readonly format: string
  /** `unknown` until its first attempt; `cooling` deployments are asked last. */
  readonly state: 'ok' | 'cooling' | 'unknown'
  readonly coolsUntilMs: number | null
  readonly attempts: number
  readonly failures: number
  readonly lastFailure: { readonly atMs: number; readonly reason: string } | null
  readonly medianFirstByteMs: number | null
}

/**
 * When a client hangs up: `abort` the upstream and estimate what it used, or `drain` it, bounded in time, bytes and
 * number, for providers that bill an abandoned answer in full, and book what the provider reports.
 */
export type DisconnectPolicy = 'abort' | 'drain'

/** What a route is for: a call, a count of a call's input, a compaction of a conversation, or a list of the models here. */
export type Operation = 'call' | 'count' | 'compact' | 'models'

/** What a path at a host depends on. */
export interface Errand {
  readonly format: string
  /** The path that the client called, with `{model}` for the model's name; absent for an errand of our own. */
  readonly route?: string
  readonly operation: Operation
  readonly stream: boolean
  /** The query that the client sent, without the question mark and without what authenticates. */
  readonly query: string
}

/** A request as it is sent, for signatures over it. */
export interface OutgoingRequest {
  readonly method: 'POST'
  readonly origin: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly atMs: number
}

/** How a request reaches a provider: the only place that sees its credential. */
export interface Endpoint {
  /** Path and query below the deployment's base URL; undefined where the host offers no such thing. */
  path(deployment: Deployment, errand: Errand): string | undefined
  /** The headers that authenticate us, replacing everything the client sent for that purpose. */
  headers(deployment: Deployment, request: OutgoingRequest): Readonly<Record<string, string>>
  /** Headers that the API demands, for requests where the client sent none of that name. */
  readonly defaultHeaders?: Readonly<Record<string, string>>
}
