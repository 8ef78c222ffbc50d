import type { Endpoint } from '../../core/ports/deployment.ts'

/** OpenAI, and the hosts that speak like it: base URLs end in the version, `https://api.openai.com/v1`. */
export const openaiEndpoint: Endpoint = {
  path: (_deployment, { format, operation }) => PATHS[`${format} ${operation}`],
  headers: ({ credential }) => (credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
}

const PATHS: Readonly<Record<string, string>> = {
  'openai-chat call': '/chat/completions',
  'openai-responses call': '/responses',
  'openai-responses compact': '/responses/compact',
  'openai-responses count': '/responses/input_tokens',
  'openai-embeddings call': '/embeddings',
  'openai-completions call': '/completions',
}
