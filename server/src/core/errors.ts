/**
 * Every error that a person or a program can get from us: its status, what it means, and what to do next. A test holds
 * docs/errors.md to this list. `retry` says whether the same call may pass later without anybody changing anything.
 */
export const ERRORS = {
  invalid_json: { status: 400, retry: false, next: 'Send one JSON object in UTF-8, without repeated keys.' },
  invalid_field: { status: 400, retry: false, next: 'Correct the named field.' },
  invalid_request: { status: 400, retry: false, next: 'Correct the request as the message says.' },
  unbounded_request: {
    status: 400,
    retry: false,
    next: 'Set an output ceiling (max_tokens), leave out the named part, or ask an administrator to lift the hard limit.',
  },
  unpriced_model: {
    status: 400,
    retry: false,
    next: 'Ask an administrator to price the model in config/pricing.yaml: a spending limit cannot be held without a price.',
  },
  unauthenticated: {
    status: 401,
    retry: false,
    next: 'Send a valid Token Trackr key where your SDK puts its API key.',
  },
  forbidden: { status: 403, retry: false, next: 'Ask an administrator.' },
  not_found: { status: 404, retry: false, next: 'Check the path and the id.' },
  model_not_found: {
    status: 404,
    retry: false,
    next: 'Ask for one of the listed models, or add it to config/proxy.yaml.',
  },
  unknown_route: {
    status: 404,
    retry: false,
    next: 'Use one of the listed paths: what is neither metered nor known to be free is not passed on.',
  },
  method_not_allowed: { status: 405, retry: false, next: 'Use one of the methods in the Allow header.' },
  conflict: { status: 409, retry: false, next: 'Choose another id, or read what is there.' },
  body_too_large: { status: 413, retry: false, next: 'Send a smaller body.' },
  unsupported_media_type: { status: 415, retry: false, next: 'Send the body as the message says.' },
  limit_reached: { status: 429, retry: false, next: 'Ask an administrator to raise the limit, or wait for its reset.' },
  rate_limited: { status: 429, retry: true, next: 'Wait as Retry-After says.' },
  internal: { status: 500, retry: false, next: 'Report the call id to an administrator.' },
  upstream_unreachable: {
    status: 502,
    retry: true,
    next: 'Try again; if it stays so, check the provider and the base URL.',
  },
  upstream_redirect: { status: 502, retry: false, next: 'Configure the base URL that the provider redirects to.' },
  ledger_unavailable: {
    status: 503,
    retry: true,
    next: 'Try again soon: nothing is sent to a provider that cannot be booked.',
  },
  model_unavailable: {
    status: 503,
    retry: false,
    next: 'Ask an administrator to set the named credential and restart.',
  },
  not_ready: { status: 503, retry: true, next: 'Try again in a moment: the server is starting or stopping.' },
  upstream_timeout: { status: 504, retry: true, next: 'Try again; the provider did not answer in time.' },
} as const satisfies Record<string, { status: number; retry: boolean; next: string }>
export type ErrorCode = keyof typeof ERRORS

/** What is told of an error, before an API gives it its own shape. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly status: number
  readonly message: string
  readonly hint: string
  /** The path of the field at fault: `messages[0].content`. */
  readonly field?: string
  /** Numbers that reproduce a decision: which limit, used, held, asked, when it resets. */
  readonly details?: Readonly<Record<string, string | number | null>>
  readonly retryAfterSeconds?: number
}

/** An error meant for the caller. Anything else that is thrown becomes `internal`, and its text stays in the log. */
export class PublicError extends Error {
  override readonly name = 'PublicError'
  readonly body: ErrorBody

  constructor(code: ErrorCode, message: string, more: Pick<ErrorBody, 'field' | 'details' | 'retryAfterSeconds'> = {}) {
    super(message)
    const { status, next } = ERRORS[code]
    this.body = { code, status, message, hint: next, ...more }
  }
}

/** The store could not answer; whether what was asked of it happened is said by the method that threw. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The environment or a configuration file cannot be used as it is. The message is one line for the person who wrote it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
