import { PublicError } from './errors.ts'
import type { MemberSpan, ReadBody, RequestBody } from './ports/format.ts'

/** Nobody nests a request deeper; a parser that recurses would. */
export const MAX_DEPTH = 256
/** Of one object. Objects with more make every parser slow, and no API has such. */
export const MAX_KEYS = 10_000

/**
 * Reads a request's body strictly, so that we and the provider cannot read it differently: one JSON object, no key
 * twice in one object at any depth (compared decoded: "a" is "\u0061"), no more than MAX_DEPTH levels. Throws
 * PublicError `invalid_json`, whose message never quotes the body. Whether the bytes were valid UTF-8 is the caller's
 * to check, with a fatal TextDecoder. `json` has no prototype, so that it has only the members that were sent.
 */
export function parseRequestBody(text: string): ReadBody {
  return new StrictBody(text)
}

type Members = Pick<RequestBody, 'json' | 'members'>

/** A class, because a literal with getters would be a hidden class of its own to V8, which outlives its call. */
class StrictBody implements ReadBody {
  readonly text: string
  #read: Members | undefined

  constructor(text: string) {
    this.text = text
    this.#read = read(text)
  }
  get json() {
    return this.#members().json
  }
  get members() {
    return this.#members().members
  }
  forget() {
    this.#read = undefined
  }
  #members(): Members {
    return (this.#read ??= read(this.text))
  }
}

function read(text: string): Members {
  const { members, fault } = scan(text)
  if (fault?.kind === 'tooDeep' || fault?.kind === 'tooMany')
    throw invalid(`${FAULTS[fault.kind]} at character ${fault.at}`)
  const json = parse(text)
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw invalid(`is ${nameOf(json)}, not an object`)
  if (fault) throw invalid(`${FAULTS[fault.kind]} at character ${fault.at}`)
  return { json: Object.setPrototypeOf(json, null) as Record<string, unknown>, members }
}

/**
 * Where the members of an object stand in its text, which must be valid JSON of an object: for cutting out or replacing
 * one of them without touching another byte. In the order of the text.
 */
export function memberSpans(objectText: string): ReadonlyMap<string, MemberSpan> {
  return scan(objectText).members
}

interface Fault {
  readonly kind: keyof typeof FAULTS
  readonly at: number
}
const FAULTS = {
  repeated: 'has a key that stands twice in one object,',
  unsafeKey: 'has a key with a NUL or half a surrogate pair, which not every parser reads alike,',
  tooDeep: `is nested more than ${MAX_DEPTH} levels deep`,
  tooMany: `has an object of more than ${MAX_KEYS} members`,
} as const

interface Scanned {
  readonly members: ReadonlyMap<string, MemberSpan>
  readonly fault: Fault | undefined
}

/**
 * One pass over the structure, character by character: this runs for every call. It need not notice bad syntax, since
 * JSON.parse does; what would make JSON.parse dear (depth, very many keys) ends the pass at once.
 */
function scan(text: string): Scanned {
  const members = new Map<string, MemberSpan>()
  /** The keys of all open objects, innermost last, and where those of each begin; ARRAY marks an open array. */
  const keys: string[] = []
  const bases: number[] = []
  let base = ARRAY
  let fault: Fault | undefined
  let expectsKey = false
  let key = ''
  let keyStart = 0
  let valueStart = -1
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const start = at
        at = endOfString(text, start)
        if (!expectsKey) break
        expectsKey = false
        const decoded = decodeKey(text, start, at)
        if (decoded === undefined) fault ??= { kind: 'unsafeKey', at: start }
        else if (keys.length - base < MAX_COMPARED && keys.includes(decoded, base))
          fault ??= { kind: 'repeated', at: start }
        else if (keys.push(decoded) - base > MAX_KEYS) return { members, fault: { kind: 'tooMany', at } }
        if (bases.length > 1) break
        key = decoded ?? ''
        keyStart = start
        break
      }
      case COLON:
        if (bases.length === 1) valueStart = overSpace(text, at + 1)
        break
      case COMMA:
        if (bases.length === 1) members.set(key, { keyStart, valueStart, valueEnd: backOverSpace(text, at) })
        expectsKey = base !== ARRAY
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (bases.length === MAX_DEPTH) return { members, fault: { kind: 'tooDeep', at } }
        expectsKey = text.charCodeAt(at) === OPEN_OBJECT
        base = expectsKey ? keys.length : ARRAY
        bases.push(base)
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (bases.length === 1 && valueStart >= 0)
          members.set(key, { keyStart, valueStart, valueEnd: backOverSpace(text, at) })
        if (base !== ARRAY) {
          if (keys.length - base > MAX_COMPARED && new Set(keys.slice(base)).size < keys.length - base)
            fault ??= { kind: 'repeated', at }
          keys.length = base
        }
        bases.pop()
        base = bases.at(-1) ?? ARRAY
        expectsKey = false
        break
    }
  }
  return { members, fault }
}
const ARRAY = -1
/** Up to so many keys are compared one by one, which is cheaper than hashing them; more are hashed together at the end. */
const MAX_COMPARED = 12

/** The index of the quote that ends the string, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return text.length
}

/** Undefined where the key is one that parsers read differently. */
function decodeKey(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  let key: unknown
  try {
    key = JSON.parse(text.slice(start, end + 1))
  } catch {
    return raw
  }
  return typeof key === 'string' && key.isWellFormed() && !key.includes('\0') ? key : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`is not valid JSON: ${reasonOf(error)}`)
  }
}

/** The engine's reason without the piece of the body that it likes to quote, for that may be somebody's secret. */
function reasonOf(error: unknown): string {
  const reason = error instanceof SyntaxError ? error.message : 'it cannot be read'
  return reason.replace(/, (?:\.\.\.)?".*$/s, '').replace(/^Unexpected token .*$/s, 'an unexpected character')
}

function invalid(reason: string): PublicError {
  return new PublicError('invalid_json', `The body ${reason}.`)
}

function nameOf(json: unknown): string {
  if (json === null) return 'null'
  return Array.isArray(json) ? 'an array' : `a ${typeof json}`
}

function overSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at++
  return at
}
function backOverSpace(text: string, to: number): number {
  let at = to
  while (isSpace(text.charCodeAt(at - 1))) at--
  return at
}
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
