/** The APIs that can be called, by the names that entries keep, as people know them. */
export const FORMAT_TITLES = {
  'openai-chat': 'Chat completions',
  'anthropic-messages': 'Messages',
  'openai-responses': 'Responses',
  'openai-embeddings': 'Embeddings',
  'openai-completions': 'Completions',
  'bedrock-converse': 'Bedrock Converse',
  'bedrock-invoke': 'Bedrock Invoke',
  'gemini-generate': 'Gemini',
  'gemini-embed': 'Gemini embeddings',
  'cohere-chat': 'Cohere',
  'cohere-embed': 'Cohere embeddings',
} as const
export type FormatName = keyof typeof FORMAT_TITLES
