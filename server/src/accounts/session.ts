import type { Secrets } from './secrets.ts'

/** Twelve hours: a working day, and no token is left in a browser that was forgotten over the weekend. */
export const SESSION_MS = 12 * 60 * 60 * 1000
const LONGEST_TOKEN = 500

/** Who has signed in to the dashboard, and until when. */
export interface Session {
  readonly tenantId: string
  readonly expiresAtMs: number
}

/** A token that carries its session, signed. Nothing is kept: it ends by itself. */
export function sessionToken(secrets: Secrets, session: Session): string {
  const payload = Buffer.from(JSON.stringify([session.tenantId, session.expiresAtMs])).toString('base64url')
  return `${payload}.${secrets.hash('session', payload)}`
}

/** The session of a token that we signed and that has not expired. */
export function readSession(secrets: Secrets, token: string, nowMs: number): Session | undefined {
  if (token.length > LONGEST_TOKEN) return undefined
  const [payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || !secrets.matches('session', payload, signature)) return undefined
  const [tenantId, expiresAtMs] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, number]
  return nowMs < expiresAtMs ? { tenantId, expiresAtMs } : undefined
}
