import { arrayOrEmpty, type JsonObject, objectOrUndefined } from '../formats/field.ts'

/** A value that fits a tool's JSON schema, as far as simple schemas go: the first choice, or something plain. */
export function argumentsFor(schema: JsonObject): JsonObject {
  return objectOrUndefined(valueFor({ type: 'object', ...schema }, 'value', 0)) ?? {}
}

function valueFor(schema: JsonObject, name: string, depth: number): unknown {
  if ('const' in schema) return schema['const']
  if ('default' in schema) return schema['default']
  const [first] = arrayOrEmpty(schema['enum'])
  if (first !== undefined) return first
  switch (arrayOrEmpty(schema['type'])[0] ?? schema['type']) {
    case 'object':
      return depth < MAX_DEPTH ? objectFor(schema, depth) : {}
    case 'array':
      return []
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return `example ${name}`
  }
}
const MAX_DEPTH = 4

function objectFor(schema: JsonObject, depth: number): JsonObject {
  const properties = objectOrUndefined(schema['properties']) ?? {}
  const required = new Set(arrayOrEmpty(schema['required']))
  const names = Object.keys(properties).filter((name) => required.size === 0 || required.has(name))
  return Object.fromEntries(
    names.map((name) => [name, valueFor(objectOrUndefined(properties[name]) ?? {}, name, depth + 1)]),
  )
}
