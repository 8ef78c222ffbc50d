import type { Edits, RequestBody } from '../../../core/ports/format.ts'
import { setMember, type Splice, spliced } from '../splice.ts'

/** Both APIs name the model in the body; an embedding's `max_tokens` cuts its input and is nobody's ceiling. */
export function edit({ text, members }: RequestBody, { model, maxOutputTokens }: Edits): Buffer {
  const whole = { text, members, offset: 0 }
  const splices: Splice[] = []
  if (model !== undefined) splices.push(setMember(whole, 'model', JSON.stringify(model)))
  if (maxOutputTokens !== undefined) splices.push(setMember(whole, 'max_tokens', String(maxOutputTokens)))
  return Buffer.from(spliced(text, splices))
}
