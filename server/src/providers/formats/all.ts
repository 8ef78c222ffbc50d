import type { Format } from '../../core/ports/format.ts'
import { anthropicMessages } from './anthropic/messages.ts'
import { openaiChat } from './openai/chat.ts'

/** The formats that we speak, by name. */
export const FORMATS = {
  'openai-chat': openaiChat,
  'anthropic-messages': anthropicMessages,
} as const satisfies Record<string, Format>
export type FormatName = keyof typeof FORMATS
