import { memberSpans } from '../../core/request-body.ts'

/** A provider's usage object is a few hundred characters; what is much longer is not worth a place in the ledger. */
const MAX_RAW_LENGTH = 16_384

/**
 * The text of a member of a JSON object, verbatim, by its path. Undefined where it is not there or the text is not
 * what its JSON promised.
 */
export function rawMember(objectText: string, path: readonly string[]): string | undefined {
  let text = objectText
  for (const name of path) {
    const span = memberSpans(text).get(name)
    if (span === undefined) return undefined
    text = text.slice(span.valueStart, span.valueEnd)
  }
  return text.length <= MAX_RAW_LENGTH ? text : `{"omitted":"a usage object of ${text.length} characters"}`
}
