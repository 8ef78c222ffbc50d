import { PublicError } from '../core/errors.ts'

/** A JSON object of a client: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>

export function objectAt(path: string, value: unknown): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidField(path, 'must be an object')
  return value as JsonObject
}
export function textAt(path: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidField(path, 'must be a string')
  return value
}
export function listAt(path: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidField(path, 'must be an array')
  return value
}
export function numberAt(path: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidField(path, 'must be a number')
  return value
}
/** Absent and null are the same in OpenAI's bodies. */
export function optional<T>(path: string, value: unknown, read: (path: string, value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(path, value)
}
/** JSON in a string, as OpenAI has the arguments of tools. */
export function jsonAt(path: string, value: unknown): unknown {
  const text = textAt(path, value)
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw invalidField(path, 'must be JSON')
  }
}

export function invalidField(field: string, fault: string): PublicError {
  return new PublicError('invalid_field', `${field} ${fault}.`, { field })
}
/** For what the model's own API has no place for. */
export function untranslatable(field: string): PublicError {
  return invalidField(
    field,
    "has no counterpart in the API that serves this model; leave it out, or call that API's own route",
  )
}
