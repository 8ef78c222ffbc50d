import { objectOrUndefined } from '../field.ts'

/** Names of members whose strings are media, signatures or places, and no text. */
const NO_TEXT = new Set([
  ...['bytes', 'data', 'url', 'uri', 'images', 'inputImage', 'signature', 'redactedContent', 'redacted_content'],
  ...['type', 'role', 'format', 'toolUseId', 'id', 'tool_use_id'],
])

/** All strings that a model reads, in their order: for tokenizers, where nothing better is known of the shape. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  const object = objectOrUndefined(value)
  if (object === undefined) return []
  return Object.entries(object).flatMap(([name, member]) => (NO_TEXT.has(name) ? [] : textsIn(member)))
}
