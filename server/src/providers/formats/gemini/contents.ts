import type { JsonObject } from '../field.ts'
import { memberOf, objectsAt } from './members.ts'

/** A content (a turn, a system instruction, what is to be embedded) with its place in the request. */
export interface Content {
  readonly path: string
  readonly value: JsonObject
}

/**
 * The paths of parts whose tokens do not follow from their bytes: data inside the body, files, and whatever we do not
 * know. Refuses parts that are no objects.
 */
export function referencesOf({ path, value }: Content): string[] {
  return objectsAt(value, 'parts', path).flatMap((part) => {
    const isPlain = Object.keys(part.value).every((name) => PLAIN.has(name) || part.value[name] === null)
    if (!isPlain) return [part.path]
    // A function may answer with pictures beside its JSON.
    const { value: response, path: at } = memberOf(part.value, 'functionResponse', part.path)
    const hasMedia = (response as JsonObject | undefined)?.['parts'] != null
    return hasMedia ? [`${at}.parts`] : []
  })
}
const PLAIN = new Set(
  ['text', 'thought', 'thoughtSignature', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult']
    .concat(['partMetadata', 'toolCall', 'toolResponse', 'audioTranscription'])
    .concat(['thought_signature', 'function_call', 'function_response', 'executable_code', 'code_execution_result'])
    .concat(['part_metadata', 'tool_call', 'tool_response', 'audio_transcription']),
)

/** The texts of a content, for tokenizers. */
export function textsOf({ path, value }: Content): string[] {
  return objectsAt(value, 'parts', path).flatMap(({ value: part }) =>
    Object.keys(part).flatMap((name) => {
      if (!PLAIN.has(name) || part[name] == null || name.toLowerCase().startsWith('thought')) return []
      return typeof part[name] === 'string' ? [part[name]] : [JSON.stringify(part[name])]
    }),
  )
}
