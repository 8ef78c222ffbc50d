import type { Endpoint } from '../../core/ports/deployment.ts'

/** Cohere: base URLs end before the version, `https://api.cohere.com`, as its own SDKs have them. */
export const cohereEndpoint: Endpoint = {
  path: (_deployment, { format, operation }) => PATHS[`${format} ${operation}`],
  headers: ({ credential }) => (credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
}

const PATHS: Readonly<Record<string, string>> = {
  'cohere-chat call': '/v2/chat',
  'cohere-embed call': '/v2/embed',
}
