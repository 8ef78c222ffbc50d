/** One proxied route. `metering`: whether a call costs a provider anything; a route that is not listed does not exist. */
export interface ProxyRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The API that is called, by the name of its format. */
  readonly format: string
  readonly metering: 'metered' | 'free'
}

/**
 * The routes that model clients call. Anthropic's SDK appends /v1/messages to its base URL, and R4 gives it one that
 * ends in /v1 already: both work.
 */
export const PROXY_ROUTES: readonly ProxyRoute[] = [
  { method: 'POST', path: '/v1/chat/completions', format: 'openai-chat', metering: 'metered' },
  { method: 'POST', path: '/v1/messages', format: 'anthropic-messages', metering: 'metered' },
  { method: 'POST', path: '/v1/v1/messages', format: 'anthropic-messages', metering: 'metered' },
  { method: 'POST', path: '/v1/messages/count_tokens', format: 'anthropic-messages', metering: 'free' },
  { method: 'POST', path: '/v1/v1/messages/count_tokens', format: 'anthropic-messages', metering: 'free' },
  { method: 'GET', path: '/v1/models', format: 'openai-chat', metering: 'free' },
]

/** The most that a request's body may have, decoded: the largest that a provider takes (Anthropic, 32 MB). */
export const BODY_CAP_BYTES = 32 * 1024 * 1024
