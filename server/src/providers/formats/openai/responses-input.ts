import type { RequestBody } from '../../../core/ports/format.ts'
import { arrayOrEmpty, invalidField, type JsonObject, objectOrUndefined, stringOrEmpty } from '../field.ts'
import { unboundedTools } from './responses-tools.ts'

/** `input` as items; a string is one message. Refuses what is neither. */
export function inputItems(json: JsonObject): readonly JsonObject[] {
  const input = json['input']
  if (input === undefined || input === null) return []
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  if (!Array.isArray(input)) throw invalidField('input', 'must be a string or an array')
  return input.map((item: unknown, index) => {
    const object = objectOrUndefined(item)
    if (object === undefined) throw invalidField(`input[${index}]`, 'must be an object')
    return object
  })
}

/** Items whose tokens are all in their texts. Anything else (a file, an image, an item that is stored) may fill the context. */
const PLAIN_ITEMS = new Set<unknown>([
  ...['message', 'reasoning', 'configuration_update', 'additional_tools'],
  ...['function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output'],
  ...['local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output', 'computer_call'],
  ...['apply_patch_call', 'apply_patch_call_output'],
  ...['mcp_list_tools', 'mcp_call', 'mcp_approval_request', 'mcp_approval_response'],
])
const PLAIN_PARTS = new Set<unknown>(['input_text', 'output_text', 'text', 'refusal', 'summary_text', 'reasoning_text'])

export function referencesIn(items: readonly JsonObject[]): string[] {
  return items.flatMap((item, index) => {
    const path = `input[${index}]`
    if (!PLAIN_ITEMS.has(typeOf(item)) || isKept(item)) return [path]
    return [...referencesAt(item['content'], `${path}.content`), ...referencesAt(outputOf(item), `${path}.output`)]
  })
}

/** Reasoning that came without its content is looked up by its id. */
function isKept({ type, encrypted_content: content }: JsonObject): boolean {
  return type === 'reasoning' && content == null
}

/** A message need not say that it is one; an item that is only an id stands for a stored one. */
function typeOf(item: JsonObject): unknown {
  return item['type'] ?? ('role' in item ? 'message' : undefined)
}

/** Of tools that answer in the parts of messages; a shell has parts of its own, which are texts. */
function outputOf(item: JsonObject): unknown {
  return item['type'] === 'shell_call_output' ? undefined : item['output']
}

function referencesAt(content: unknown, path: string): string[] {
  if (objectOrUndefined(content)) return [path]
  return arrayOrEmpty(content).flatMap((part, index) =>
    PLAIN_PARTS.has(objectOrUndefined(part)?.['type']) ? [] : [`${path}[${index}]`],
  )
}

/** Items that bring hosted tools, or that ask for a compaction first. */
export function unboundedIn(items: readonly JsonObject[]): string[] {
  return items.flatMap((item, index) => {
    if (item['type'] === 'compaction_trigger') return [`input[${index}]`]
    if (item['type'] !== 'additional_tools') return []
    return unboundedTools(arrayOrEmpty(item['tools']), `input[${index}].tools`)
  })
}

/** The texts of messages, and the other items as they are written. */
export function inputText({ json }: RequestBody): string {
  const texts = [stringOrEmpty(json['instructions']), stringOrEmpty(json['input'])]
  for (const value of arrayOrEmpty(json['input'])) {
    const item = objectOrUndefined(value) ?? {}
    if (typeOf(item) !== 'message') texts.push(JSON.stringify(item))
    else {
      texts.push(stringOrEmpty(item['role']), stringOrEmpty(item['content']))
      for (const part of arrayOrEmpty(item['content'])) {
        const { text, refusal } = objectOrUndefined(part) ?? {}
        texts.push(stringOrEmpty(text), stringOrEmpty(refusal))
      }
    }
  }
  const format = objectOrUndefined(json['text'])?.['format']
  for (const value of [json['tools'], format]) if (value != null) texts.push(JSON.stringify(value))
  return texts.filter((text) => text !== '').join('\n')
}
