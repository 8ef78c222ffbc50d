import type { IncomingMessage, ServerResponse } from 'node:http'
import { PublicError } from '../core/errors.ts'
import type { Gateway } from './gateway.ts'
import { sendError } from './respond.ts'
import { PROXY_ROUTES } from './routes.ts'

/** Whose paths begin how, the more exact first: what is asked there and is not in the table is refused in that API's words. */
const PREFIXES: readonly (readonly [prefix: string, format: string])[] = [
  ['/v1/messages', 'anthropic-messages'],
  ['/v1/complete', 'anthropic-messages'],
  ['/v1beta/', 'gemini-generate'],
  ['/model/', 'bedrock-converse'],
  ['/openai/', 'openai-chat'],
  ['/v1/', 'openai-chat'],
]

/**
 * Refuses what looks like a call of a provider's API and has no verdict on what it costs (check Q02): nothing is passed
 * on that is neither metered nor listed as free. Answers whether it was such a call.
 */
export function refuseUnknown(
  gateway: Pick<Gateway, 'formats' | 'newId'>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const path = (request.url ?? '/').replace(/\?.*$/s, '')
  const [, name] = PREFIXES.find(([prefix]) => path.startsWith(prefix)) ?? []
  const format = name === undefined ? undefined : gateway.formats[name]
  if (!format) return false
  const error = new PublicError(
    'unknown_route',
    `${request.method} ${path.slice(0, MOST_CHARACTERS)} is not metered here. There are: ${routesOf(format.name)}.`,
  )
  sendError(response, format, error.body, gateway.newId())
  return true
}
const MOST_CHARACTERS = 200

function routesOf(format: string): string {
  const family = format.replace(/-.*$/, '-')
  const routes = PROXY_ROUTES.filter((route) => route.format.startsWith(family))
  return routes.map(({ method, path }) => `${method} ${path}`).join(', ')
}
