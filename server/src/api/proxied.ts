import type { RouteDeclaration } from './route.ts'

/** The largest request that a provider takes (Anthropic: 32 MB). */
const BODY_CAP_BYTES = 32 * 1024 * 1024

function proxied(method: 'GET' | 'POST', path: string, metering: 'metered' | 'free'): RouteDeclaration {
  const bodyCapBytes = method === 'POST' ? BODY_CAP_BYTES : 0
  return { method, path, metering, authentication: 'key', tenant: 'own', bodyCapBytes, deadlineMs: null }
}

function openai(prefix: string): readonly RouteDeclaration[] {
  const models = [proxied('GET', `${prefix}/models`, 'free'), proxied('GET', `${prefix}/models/{model}`, 'free')]
  return [...deployment(prefix), ...responses(prefix), ...models]
}
function deployment(prefix: string): readonly RouteDeclaration[] {
  return ['chat/completions', 'embeddings', 'completions'].map((api) => proxied('POST', `${prefix}/${api}`, 'metered'))
}
function responses(prefix: string): readonly RouteDeclaration[] {
  return [
    proxied('POST', `${prefix}/responses`, 'metered'),
    proxied('POST', `${prefix}/responses/compact`, 'metered'),
    proxied('POST', `${prefix}/responses/input_tokens`, 'free'),
  ]
}

/** The routes that the gateway serves, before the control plane is asked; declared here so that one table has them all. */
export const PROXIED_ROUTES: readonly RouteDeclaration[] = [
  ...openai('/v1'),
  ...openai('/openai/v1'),
  ...responses('/openai'),
  ...deployment('/openai/deployments/{model}'),
  proxied('GET', '/openai/models', 'free'),
  proxied('POST', '/v1/messages', 'metered'),
  proxied('POST', '/v1/v1/messages', 'metered'),
  proxied('POST', '/v1/messages/count_tokens', 'free'),
  proxied('POST', '/v1/v1/messages/count_tokens', 'free'),
  ...['converse', 'converse-stream', 'invoke', 'invoke-with-response-stream'].map((verb) =>
    proxied('POST', `/model/{model}/${verb}`, 'metered'),
  ),
  proxied('POST', '/model/{model}/count-tokens', 'free'),
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
