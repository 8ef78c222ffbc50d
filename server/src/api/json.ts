import { PublicError } from '../core/errors.ts'
import { jsonInteger } from '../core/json-integer.ts'
import { parseRequestBody } from '../core/request-body.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A body's one JSON object: valid UTF-8, no key twice; undefined where it is empty. Throws `invalid_json`. */
export function strictJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  return parseRequestBody(decode(body)).json
}

/** JSON of an answer: an amount is a number up to 2^53-1, and a decimal string beyond it. */
export function writeJson(answer: unknown): string {
  return JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'bigint' ? jsonInteger(value) : value))
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw new PublicError('invalid_json', 'The body is not valid UTF-8.')
  }
}
