import type { Format } from '../../core/ports/format.ts'
import { anthropicMessages } from './anthropic/messages.ts'
import { geminiEmbed } from './gemini/embed.ts'
import { geminiGenerate } from './gemini/generate.ts'
import { openaiChat } from './openai/chat.ts'

/** The formats that we speak, by name. */
export const FORMATS = {
  'openai-chat': openaiChat,
  'anthropic-messages': anthropicMessages,
  'gemini-generate': geminiGenerate,
  'gemini-embed': geminiEmbed,
} as const satisfies Record<string, Format>
export type FormatName = keyof typeof FORMATS
