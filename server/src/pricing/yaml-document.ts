import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { ConfigurationError } from '../core/errors.ts'
import { parseDecimal } from '../core/money.ts'

/** Where a value stands, for messages: `config/pricing.yaml line 3, openai.gpt-4o.input_per_1k`. */
export type Place = string

/** A value of a configuration file. Scalars keep the text as it was written, so that no number passes through a float. */
export type YamlValue = YamlScalar | YamlList | YamlMap
export interface YamlScalar {
  readonly kind: 'scalar'
  readonly place: Place
  readonly text: string
  readonly type: 'text' | 'number' | 'boolean' | 'null'
}
export interface YamlList {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly YamlValue[]
}
export interface YamlMap {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, YamlValue>
}

const MAX_FILE_CHARACTERS = 1_000_000
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a configuration file: one YAML document of maps, lists and plain scalars, without aliases, tags, merge keys
 * or repeated keys. Undefined where the document is empty. Throws ConfigurationError, one line, with file and line.
 */
export function readYaml(text: string, file: string): YamlValue | undefined {
  if (text.length > MAX_FILE_CHARACTERS) refuse(file, `is larger than ${MAX_FILE_CHARACTERS} characters`)
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, {
      schema: 'core',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    })
    const [problem] = [...document.errors, ...document.warnings]
    if (problem) refuse(`${file} line ${lines.linePos(problem.pos[0]).line}`, problem.message.split('\n', 1)[0] ?? '')
    return document.contents === null ? undefined : convert(document.contents, [])
  } catch (error) {
    // Nesting so deep that the parser's own recursion gives up.
    if (error instanceof RangeError) refuse(file, 'is nested too deeply')
    throw error
  }

  function convert(node: ParsedNode, path: readonly string[]): YamlValue {
    const line = lines.linePos(node.range[0]).line
    const place = `${file} line ${line}${path.length > 0 ? `, ${path.join('.')}` : ''}`
    if (isAlias(node)) refuse(place, 'aliases (*name) are not taken: write the value out')
    if (node.tag !== undefined) refuse(place, 'tags (!name) are not taken')
    if (node.anchor !== undefined) refuse(place, 'anchors (&name) are not taken')
    if (isScalar(node)) return { kind: 'scalar', place, text: node.source ?? '', type: typeOf(node.value) }
    if (isSeq(node))
      return {
        kind: 'list',
        place,
        items: node.items.map((item, index) => convert(item, [...path, String(index)])),
      }
    if (!isMap(node)) return refuse(place, 'is no map, list or plain value')
    const entries = new Map<string, YamlValue>()
    for (const { key, value } of node.items) {
      const name = keyText(key, place)
      if (FORBIDDEN_KEYS.has(name)) refuse(place, `the key ${name} is not taken`)
      // Keys such as 1.0 and "1.0" differ for the parser and are one here.
      if (entries.has(name)) refuse(place, `the key ${name} appears twice`)
      const inside = [...path, name]
      entries.set(name, value === null ? absent(`${place}.${name}`) : convert(value, inside))
    }
    return { kind: 'map', place, entries }
  }
}

/** Refuses a configuration with one line for a person. */
export function refuse(place: Place, message: string): never {
  throw new ConfigurationError(`${place}: ${message}`)
}

export function mapAt(value: YamlValue): YamlMap {
  return value.kind === 'map' ? value : refuse(value.place, 'must be a map')
}

/** A map in which only these keys may appear. */
export function mapWith(value: YamlValue, known: readonly string[]): YamlMap {
  const map = mapAt(value)
  for (const [key, { place }] of map.entries)
    if (!known.includes(key)) refuse(place, `the key ${key} is not known; known are ${known.join(', ')}`)
  return map
}

export function listAt(value: YamlValue): readonly YamlValue[] {
  return value.kind === 'list' ? value.items : refuse(value.place, 'must be a list')
}

/** A text; a number or a boolean counts as the text that was written. */
export function textAt(value: YamlValue): string {
  if (value.kind !== 'scalar' || value.type === 'null' || value.text === '')
    return refuse(value.place, 'must be a text')
  return value.text
}

/** One of a few words. */
export function wordAt<const Word extends string>(value: YamlValue, words: readonly Word[]): Word {
  const text = textAt(value)
  return words.find((word) => word === text) ?? refuse(value.place, `must be one of ${words.join(', ')}`)
}

/** A decimal ≥ 0 as an integer number of 10^-scale units. Never rounded: what is finer than the scale is refused. */
export function decimalAt(value: YamlValue, scale: number): bigint {
  if (value.kind !== 'scalar' || value.type === 'null') return refuse(value.place, 'must be a decimal number')
  return (
    parseDecimal(value.text, scale) ??
    refuse(value.place, `must be a decimal number, not negative and with at most ${scale} decimals`)
  )
}

/** A whole number from `least` to 2^53-1. */
export function countAt(value: YamlValue, least: number): number {
  const count = Number(decimalAt(value, 0))
  if (!Number.isSafeInteger(count) || count < least) refuse(value.place, `must be a whole number from ${least} on`)
  return count
}

function absent(place: Place): YamlScalar {
  return { kind: 'scalar', place, text: '', type: 'null' }
}

function typeOf(value: unknown): YamlScalar['type'] {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'text'
}

function keyText(key: unknown, place: Place): string {
  if (!isScalar(key) || key.source === undefined || key.tag !== undefined || key.anchor !== undefined)
    return refuse(place, 'a key must be a plain text')
  return key.source
}
