import type { IncomingHttpHeaders } from 'node:http'
import type { Audit } from '../core/entry.ts'
import { PublicError } from '../core/errors.ts'

const PREFIX = 'x-token-trackr-'
const LABEL_PREFIX = `${PREFIX}label-`
/** Ours goes first; then the one by which Claude Code says what belongs to one session, for gateways to group by. */
const SESSION_HEADERS = [`${PREFIX}session`, 'x-claude-code-session-id']
const MOST_LABELS = 16
const MOST_CHARACTERS = { question: 500, other: 256 }

/**
 * R3's audit fields and free labels, from optional headers. They describe a call and never decide who pays for it.
 * Values are percent-encoded UTF-8, or UTF-8 as it is; longer ones are cut.
 */
export function auditOf(headers: IncomingHttpHeaders): { audit: Audit; labels: Readonly<Record<string, string>> } {
  for (const name in headers) if (name.startsWith(PREFIX) || SESSION_HEADERS.includes(name)) return describedBy(headers)
  return NOTHING
}
const NOTHING = { audit: {}, labels: {} }

function describedBy(headers: IncomingHttpHeaders): { audit: Audit; labels: Record<string, string> } {
  const labels: [string, string][] = []
  for (const name in headers) {
    if (!name.startsWith(LABEL_PREFIX)) continue
    const value = text(headers, name, MOST_CHARACTERS.other)
    if (value !== undefined) labels.push([name.slice(LABEL_PREFIX.length, LABEL_PREFIX.length + 64), value])
  }
  if (labels.length > MOST_LABELS)
    throw new PublicError('invalid_request', `A call takes at most ${MOST_LABELS} labels.`)
  const question = text(headers, `${PREFIX}question`, MOST_CHARACTERS.question)
  const collection = text(headers, `${PREFIX}collection`, MOST_CHARACTERS.other)
  const session = SESSION_HEADERS.find((name) => headers[name] !== undefined)
  const sessionId = session && text(headers, session, MOST_CHARACTERS.other)
  const documentsRetrieved = count(headers, `${PREFIX}documents-retrieved`)
  return {
    audit: {
      ...(question !== undefined && { question }),
      ...(collection !== undefined && { collection }),
      ...(sessionId !== undefined && { sessionId }),
      ...(documentsRetrieved !== undefined && { documentsRetrieved }),
    },
    labels: Object.fromEntries(labels),
  }
}

function text(headers: IncomingHttpHeaders, name: string, mostCharacters: number): string | undefined {
  const value = headers[name]
  if (typeof value !== 'string') return undefined
  // Node reads header bytes as Latin-1; clients send UTF-8.
  const utf8 = Buffer.from(value, 'latin1').toString('utf8')
  return Array.from(percentDecoded(utf8)).slice(0, mostCharacters).join('')
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function count(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value)
  throw new PublicError('invalid_field', `${name} is no whole number.`, { field: name })
}
