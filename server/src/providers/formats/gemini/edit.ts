import type { Edits, RequestBody } from '../../../core/ports/format.ts'
import { memberSpans } from '../../../core/request-body.ts'
import { objectOrUndefined } from '../field.ts'
import { memberObject, type ObjectText, setMember, type Splice, spliced } from '../splice.ts'
import { memberOf } from './members.ts'

/**
 * The request with our edits. The model stands in the path; where the body repeats it (a batch of embeddings, a count),
 * it is changed there too, since Google wants them to be the same.
 */
export function edit(body: RequestBody, edits: Edits): Buffer {
  const whole = { text: body.text, members: body.members, offset: 0 }
  const splices: Splice[] = []
  if (edits.model !== undefined) splices.push(...modelSplices(whole, edits.model))
  if (edits.maxOutputTokens !== undefined) splices.push(ceilingSplice(body, edits.maxOutputTokens))
  return Buffer.from(spliced(body.text, splices))
}

function ceilingSplice(body: RequestBody, maxOutputTokens: number): Splice {
  const { name, value } = memberOf(body.json, 'generationConfig')
  const config = objectOrUndefined(value)
  const whole = { text: body.text, members: body.members, offset: 0 }
  if (config === undefined) return setMember(whole, name, `{"maxOutputTokens":${maxOutputTokens}}`)
  return setMember(memberObject(body, name)!, memberOf(config, 'maxOutputTokens').name, String(maxOutputTokens))
}

function modelSplices(whole: ObjectText, model: string): Splice[] {
  const named = [whole, ...objectsIn(whole, ['requests', 'generateContentRequest', 'generate_content_request'])]
  return named.flatMap((object) =>
    object.members.has('model') ? [setMember(object, 'model', JSON.stringify(`models/${model}`))] : [],
  )
}

/** The objects that are the members of these names, or the elements of lists that are. */
function objectsIn(whole: ObjectText, names: readonly string[]): ObjectText[] {
  return names.flatMap((name) => {
    const span = whole.members.get(name)
    if (span === undefined) return []
    const text = whole.text.slice(span.valueStart, span.valueEnd)
    return elementsOf(text).map(({ start, end }) => {
      const element = text.slice(start, end)
      return { text: element, members: memberSpans(element), offset: whole.offset + span.valueStart + start }
    })
  })
}

/** Where the objects of a list stand in its text, which must be valid JSON; one object is a list of one. */
function elementsOf(text: string): { start: number; end: number }[] {
  if (text.startsWith('{')) return [{ start: 0, end: text.length }]
  const elements: { start: number; end: number }[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '{' || character === '[') {
      if (depth === 1) start = at
      depth++
    } else if (character === '}' || character === ']') {
      depth--
      if (depth === 1 && character === '}') elements.push({ start, end: at + 1 })
    }
  }
  return elements
}

/** The index of the quote that ends the string which begins here. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
