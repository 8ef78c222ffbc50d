import type { FormatName } from '../../core/format-names.ts'
import type { Format } from '../../core/ports/format.ts'
import { anthropicMessages } from './anthropic/messages.ts'
import { bedrockConverse } from './bedrock/converse.ts'
import { bedrockInvoke } from './bedrock/invoke.ts'
import { cohereChat } from './cohere/chat.ts'
import { cohereEmbed } from './cohere/embed.ts'
import { geminiEmbed } from './gemini/embed.ts'
import { geminiGenerate } from './gemini/generate.ts'
import { openaiChat } from './openai/chat.ts'
import { openaiCompletions } from './openai/completions.ts'
import { openaiEmbeddings } from './openai/embeddings.ts'
import { openaiResponses } from './openai/responses.ts'

/** The formats that we speak, by name. */
export const FORMATS = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-embeddings': openaiEmbeddings,
  'openai-completions': openaiCompletions,
  'anthropic-messages': anthropicMessages,
  'bedrock-converse': bedrockConverse,
  'bedrock-invoke': bedrockInvoke,
  'gemini-generate': geminiGenerate,
  'gemini-embed': geminiEmbed,
  'cohere-chat': cohereChat,
  'cohere-embed': cohereEmbed,
} as const satisfies Record<FormatName, Format>
export type { FormatName }
