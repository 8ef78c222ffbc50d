import { PublicError } from '../../core/errors.ts'

/** A JSON object, as JSON.parse gives it: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>

export function objectOrUndefined(value: unknown): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
}
export function arrayOrEmpty(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
export function stringOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
/** The members of these names that are there. */
export function picked(json: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (name in json ? [[name, json[name]]] : [])))
}
/** Any number at all, since an impossible one is to be seen and not passed over. */
export function numberOrUndefined(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** A count that a bill can be made of. */
export function countOrUndefined(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
/** The model that a provider says it served; what is too long to be a name is none. */
export function servedName(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_MODEL_LENGTH ? value : undefined
}

/**
 * The name decides limits, prices and reports, so it is one that shows as it is. `addressed`: where the path names it,
 * which then counts.
 */
export function requiredModel(json: JsonObject, addressed?: string): string {
  const model = addressed ?? json['model']
  if (typeof model !== 'string' || model.length === 0)
    throw invalidField('model', 'must be the name of a model, as a string')
  if (model.length > MAX_MODEL_LENGTH) throw invalidField('model', `is longer than ${MAX_MODEL_LENGTH} characters`)
  if (!model.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(model) || model.trim() !== model)
    throw invalidField('model', 'has characters that do not show')
  return model
}
const MAX_MODEL_LENGTH = 200

/** Absent and null are the same to every provider: undefined here. */
export function optionalInteger(
  json: JsonObject,
  name: string,
  { least, most = Number.MAX_SAFE_INTEGER, path = name }: { least: number; most?: number; path?: string },
): number | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
    throw invalidField(
      path,
      most === Number.MAX_SAFE_INTEGER
        ? `must be an integer of at least ${least}`
        : `must be an integer from ${least} to ${most}`,
    )
  return value as number
}

export function optionalBoolean(json: JsonObject, name: string, path = name): boolean | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalidField(path, 'must be true or false')
  return value
}

export function optionalString(json: JsonObject, name: string): string | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalidField(name, 'must be a string')
  return value
}

export function optionalObject(json: JsonObject, name: string): JsonObject | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  const object = objectOrUndefined(value)
  if (object === undefined) throw invalidField(name, 'must be an object')
  return object
}

export function optionalArray(json: JsonObject, name: string): readonly unknown[] {
  const value = json[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalidField(name, 'must be an array')
  return value
}

export function requiredMessages(json: JsonObject): readonly JsonObject[] {
  const { messages } = json
  if (!Array.isArray(messages)) throw invalidField('messages', 'must be an array')
  return messages.map((message: unknown, index) => {
    const object = objectOrUndefined(message)
    if (object === undefined) throw invalidField(`messages[${index}]`, 'must be an object')
    return object
  })
}

/** A field that is not what it must be, by its path. */
export function invalidField(field: string, fault: string): PublicError {
  return new PublicError('invalid_field', `${field} ${fault}.`, { field })
}
