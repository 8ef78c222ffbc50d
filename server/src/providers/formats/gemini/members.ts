import { invalidField, type JsonObject, objectOrUndefined, requiredModel } from '../field.ts'

/** A member as the client wrote it: Google takes each name in camel case and in snake case alike. */
export interface Member {
  readonly name: string
  /** For messages: `generation_config.maxOutputTokens`. */
  readonly path: string
  /** Undefined where it is absent or null, which is the same to Google. */
  readonly value: unknown
}

/** The member of that name, given in camel case. Refused where both spellings are there: readers may differ. */
export function memberOf(json: JsonObject, name: string, within = ''): Member {
  const snakeCase = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  if (snakeCase !== name && json[name] !== undefined && json[snakeCase] !== undefined)
    throw invalidField(pathOf(within, name), `stands there as ${snakeCase} too`)
  const written = json[snakeCase] === undefined ? name : snakeCase
  return { name: written, path: pathOf(within, written), value: json[written] ?? undefined }
}

export function objectAt(json: JsonObject, name: string, within = ''): { path: string; value: JsonObject } | undefined {
  const { path, value } = memberOf(json, name, within)
  if (value === undefined) return undefined
  const object = objectOrUndefined(value)
  if (object === undefined) throw invalidField(path, 'must be an object')
  return { path, value: object }
}

/** The objects of a list with their paths. Google takes one object where a list of one is meant. */
export function objectsAt(json: JsonObject, name: string, within = ''): { path: string; value: JsonObject }[] {
  const { path, value } = memberOf(json, name, within)
  if (value === undefined) return []
  const single = objectOrUndefined(value)
  if (single) return [{ path, value: single }]
  if (!Array.isArray(value)) throw invalidField(path, 'must be an array of objects')
  return value.map((one: unknown, index) => {
    const object = objectOrUndefined(one)
    if (object === undefined) throw invalidField(`${path}[${index}]`, 'must be an object')
    return { path: `${path}[${index}]`, value: object }
  })
}

/** The model that the path names. A body that names another one is refused: limits and prices go by the path. */
export function modelOf(json: JsonObject, pathModel: string | undefined): string {
  const model = requiredModel({ model: pathModel })
  expectModel(json, model, '')
  return model
}
export function expectModel(json: JsonObject, model: string, within: string): void {
  const { path, value } = memberOf(json, 'model', within)
  if (value !== undefined && value !== model && value !== `models/${model}`)
    throw invalidField(path, `must be models/${model}, as the path says`)
}

function pathOf(within: string, name: string): string {
  return within === '' ? name : `${within}.${name}`
}
