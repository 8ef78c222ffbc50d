import type { LanguageModelV3Message, LanguageModelV3Prompt } from '@ai-sdk/provider'
import { invalidField, type JsonObject, jsonAt, listAt, objectAt, optional, textAt, untranslatable } from './field.ts'

type Content<Role extends LanguageModelV3Message['role']> = Extract<LanguageModelV3Message, { role: Role }>['content']
type UserPart = Content<'user'>[number]

/** OpenAI's messages as a prompt of the AI SDK. Throws `invalid_field` with the path of what cannot be said in it. */
export function promptOf(messages: unknown): LanguageModelV3Prompt {
  const toolNames = new Map<string, string>()
  return listAt('messages', messages).map((value, index) => {
    const path = `messages[${index}]`
    return messageOf(path, objectAt(path, value), toolNames)
  })
}

function messageOf(path: string, message: JsonObject, toolNames: Map<string, string>): LanguageModelV3Message {
  const { role, content } = message
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: plainText(`${path}.content`, content) }
    case 'user':
      return { role, content: userParts(`${path}.content`, content) }
    case 'assistant':
      return { role, content: [...spokenParts(`${path}.content`, content), ...toolCalls(path, message, toolNames)] }
    case 'tool': {
      const toolCallId = textAt(`${path}.tool_call_id`, message['tool_call_id'])
      const toolName = toolNames.get(toolCallId)
      if (toolName === undefined) throw invalidField(`${path}.tool_call_id`, 'answers no tool call above it')
      const output = { type: 'text' as const, value: plainText(`${path}.content`, content) }
      return { role, content: [{ type: 'tool-result', toolCallId, toolName, output }] }
    }
    default:
      throw invalidField(`${path}.role`, 'must be system, developer, user, assistant or tool')
  }
}

/** A string, or text parts, which are one text. */
function plainText(path: string, content: unknown): string {
  if (typeof content === 'string') return content
  return listAt(path, content)
    .map((part, index) => textPart(`${path}[${index}]`, objectAt(`${path}[${index}]`, part)))
    .join('')
}

function textPart(path: string, part: JsonObject): string {
  if (part['type'] === 'text') return textAt(`${path}.text`, part['text'])
  if (part['type'] === 'refusal') return textAt(`${path}.refusal`, part['refusal'])
  throw untranslatable(path)
}

function userParts(path: string, content: unknown): UserPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return listAt(path, content).map((value, index) => {
    const at = `${path}[${index}]`
    const part = objectAt(at, value)
    if (part['type'] !== 'image_url') return { type: 'text', text: textPart(at, part) }
    const url = textAt(`${at}.image_url.url`, objectAt(`${at}.image_url`, part['image_url'])['url'])
    const [, mediaType, data] = /^data:(image\/[\w.+-]+);base64,([A-Za-z0-9+/=]+)$/.exec(url) ?? []
    // Nothing here fetches what a client names (check S20): an image has to come with the call.
    if (mediaType === undefined || data === undefined)
      throw invalidField(`${at}.image_url.url`, 'must be a data URL of an image in base64 for this model')
    return { type: 'file', mediaType, data }
  })
}

function spokenParts(path: string, content: unknown): Content<'assistant'> {
  const text = optional(path, content, plainText)
  return text === undefined || text === '' ? [] : [{ type: 'text', text }]
}

function toolCalls(path: string, message: JsonObject, toolNames: Map<string, string>): Content<'assistant'> {
  const calls = optional(`${path}.tool_calls`, message['tool_calls'], listAt) ?? []
  return calls.map((value, index) => {
    const at = `${path}.tool_calls[${index}]`
    const call = objectAt(at, value)
    const called = objectAt(`${at}.function`, call['function'])
    const toolCallId = textAt(`${at}.id`, call['id'])
    const toolName = textAt(`${at}.function.name`, called['name'])
    toolNames.set(toolCallId, toolName)
    return { type: 'tool-call', toolCallId, toolName, input: jsonAt(`${at}.function.arguments`, called['arguments']) }
  })
}
