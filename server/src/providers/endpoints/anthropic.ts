import type { Endpoint } from '../../core/ports/deployment.ts'

/** Anthropic: base URLs end before the version, `https://api.anthropic.com`, as its own SDKs have them. */
export const anthropicEndpoint: Endpoint = {
  path: '/v1/messages',
  countPath: '/v1/messages/count_tokens',
  headers: ({ credential }) => (credential === undefined ? {} : { 'x-api-key': credential }),
  defaultHeaders: { 'anthropic-version': '2023-06-01' },
}
