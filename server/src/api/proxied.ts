import type { RouteDeclaration } from './route.ts'

/** The largest request that a provider takes (Anthropic: 32 MB). */
const BODY_CAP_BYTES = 32 * 1024 * 1024

function proxied(method: 'GET' | 'POST', path: string, metering: 'metered' | 'free'): RouteDeclaration {
  const bodyCapBytes = method === 'POST' ? BODY_CAP_BYTES : 0
  return { method, path, metering, authentication: 'key', tenant: 'own', bodyCapBytes, deadlineMs: null }
}

/** The routes that the gateway serves, before the control plane is asked; declared here so that one table has them all. */
export const PROXIED_ROUTES: readonly RouteDeclaration[] = [
  proxied('POST', '/v1/chat/completions', 'metered'),
  proxied('POST', '/v1/responses', 'metered'),
  proxied('POST', '/v1/responses/compact', 'metered'),
  proxied('POST', '/v1/responses/input_tokens', 'free'),
  proxied('POST', '/v1/embeddings', 'metered'),
  proxied('POST', '/v1/completions', 'metered'),
  proxied('POST', '/v1/messages', 'metered'),
  proxied('POST', '/v1/v1/messages', 'metered'),
  proxied('POST', '/v1/messages/count_tokens', 'free'),
  proxied('POST', '/v1/v1/messages/count_tokens', 'free'),
  proxied('GET', '/v1/models', 'free'),
  ...['/v1beta', '/v1'].flatMap((version) => [
    proxied('POST', `${version}/models/{model}:generateContent`, 'metered'),
    proxied('POST', `${version}/models/{model}:streamGenerateContent`, 'metered'),
    proxied('POST', `${version}/models/{model}:countTokens`, 'free'),
    proxied('POST', `${version}/models/{model}:embedContent`, 'metered'),
    proxied('POST', `${version}/models/{model}:batchEmbedContents`, 'metered'),
  ]),
  proxied('GET', '/v1beta/models', 'free'),
  proxied('GET', '/v1beta/models/{model}', 'free'),
]
