/** The APIs that are spoken here, by the names that entries keep, the most usual first. */
export const FORMAT_NAMES = [
  'openai-chat',
  'anthropic-messages',
  'openai-responses',
  'openai-embeddings',
  'openai-completions',
  'bedrock-converse',
  'bedrock-invoke',
  'gemini-generate',
  'gemini-embed',
  'cohere-chat',
  'cohere-embed',
] as const
export type FormatName = (typeof FORMAT_NAMES)[number]
