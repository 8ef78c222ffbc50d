import type { Endpoint } from '../../core/ports/deployment.ts'

/** Anthropic: base URLs end before the version, `https://api.anthropic.com`, as its own SDKs have them. */
export const anthropicEndpoint: Endpoint = {
  path: (_deployment, { format, operation }) => PATHS[`${format} ${operation}`],
  headers: ({ credential }) => (credential === undefined ? {} : { 'x-api-key': credential }),
  defaultHeaders: { 'anthropic-version': '2023-06-01' },
}

const PATHS: Readonly<Record<string, string>> = {
  'anthropic-messages call': '/v1/messages',
  'anthropic-messages count': '/v1/messages/count_tokens',
}
