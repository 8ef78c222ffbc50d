import type { Endpoint } from '../../core/ports/deployment.ts'

/** OpenAI, and the hosts that speak like it: base URLs end in the version, `https://api.openai.com/v1`. */
export const openaiEndpoint: Endpoint = {
  path: '/chat/completions',
  headers: ({ credential }) => (credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
}
