import type { Endpoint, Errand } from '../../core/ports/deployment.ts'

/**
 * Google's Gemini API: base URLs end before the version, `https://generativelanguage.googleapis.com`, as its own SDKs have
 * them. The path is the client's, with the model's name at the provider. Its OpenAI-compatible endpoint takes the
 * credential as OpenAI's clients send it.
 */
export const geminiEndpoint: Endpoint = {
  path: ({ upstreamModel }, errand) => {
    const isNative = errand.format.startsWith('gemini-')
    const path = (isNative ? errand.route : undefined) ?? PATHS[`${errand.format} ${errand.operation}`]
    if (path === undefined || !isNative) return path
    const verb = errand.route === undefined && errand.stream ? path.replace(':g', ':streamG') : path
    return verb.replace('{model}', () => encodeURIComponent(upstreamModel)) + queryOf(errand)
  },
  headers({ credential, format }) {
    if (credential === undefined) return {}
    return format === 'openai-chat' ? { authorization: `Bearer ${credential}` } : { 'x-goog-api-key': credential }
  },
}

/** Of errands that no client's path names. */
const PATHS: Readonly<Record<string, string>> = {
  'gemini-generate call': '/v1beta/models/{model}:generateContent',
  'gemini-generate count': '/v1beta/models/{model}:countTokens',
  'gemini-embed call': '/v1beta/models/{model}:embedContent',
  'openai-chat call': '/v1beta/openai/chat/completions',
}

/** Whether a stream comes as events or as an array is all that a query may say: its other members authenticate or reshape. */
function queryOf({ stream, query }: Errand): string {
  return stream && asked(query) === 'sse' ? '?alt=sse' : ''
}
function asked(query: string): string | null {
  const parameters = new URLSearchParams(query)
  return parameters.get('alt') ?? parameters.get('$alt')
}
