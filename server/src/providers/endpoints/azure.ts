import type { Endpoint } from '../../core/ports/deployment.ts'

/**
 * Azure OpenAI: base URLs are a resource's own, `https://NAME.openai.azure.com`. A dated version is of the older API,
 * which has the deployment's name in its path; without one, or with a word such as `preview`, it is the v1 API, which has
 * it in the body. The client's version goes before the configured one, and nothing else of its query goes on.
 */
export const azureEndpoint: Endpoint = {
  path({ upstreamModel, apiVersion }, { format, operation, query }) {
    const api = PATHS[`${format} ${operation}`]
    if (api === undefined) return undefined
    const version = versionIn(query) ?? apiVersion
    const question = version === undefined || version === 'v1' ? '' : `?api-version=${version}`
    if (version === undefined || !DATED.test(version)) return `/openai/v1${api.path}${question}`
    const scope = api.isScoped ? `/deployments/${encodeURIComponent(upstreamModel)}` : ''
    return `/openai${scope}${api.path}${question}`
  },
  headers: ({ credential }) => (credential === undefined ? {} : { 'api-key': credential }),
}

interface Api {
  readonly path: string
  /** Below the deployment's name, where the version is dated. */
  readonly isScoped: boolean
}
const PATHS: Readonly<Record<string, Api>> = {
  'openai-chat call': { path: '/chat/completions', isScoped: true },
  'openai-embeddings call': { path: '/embeddings', isScoped: true },
  'openai-completions call': { path: '/completions', isScoped: true },
  'openai-responses call': { path: '/responses', isScoped: false },
  'openai-responses compact': { path: '/responses/compact', isScoped: false },
  'openai-responses count': { path: '/responses/input_tokens', isScoped: false },
}
const DATED = /^\d{4}-\d\d-\d\d/

/** A version that is none is not sent: it comes from a client. */
function versionIn(query: string): string | undefined {
  return /(?:^|&)api-version=([\w.-]{1,40})(?:&|$)/.exec(query)?.[1]
}
