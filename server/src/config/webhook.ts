import { ConfigurationError } from '../core/errors.ts'
import { NOBODYS } from './base-url.ts'

/** Where alerts are posted, and what they are signed with: neither is to be printed. */
export interface Webhook {
  readonly url: string
  readonly secret: Uint8Array
}

const LEAST_BYTES = 24
const MOST_BYTES = 64
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/
const ADVICE = 'make one with: echo "whsec_$(openssl rand -base64 32)"'

/**
 * Reads ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET. Without a secret that nobody can guess, no receiver could tell our alerts
 * from anybody's, so none is sent (check A06). No message repeats either. Throws ConfigurationError, one line.
 */
export function webhookFrom(url: string | undefined, secret: string | undefined): Webhook | undefined {
  if (url === undefined && secret === undefined) return undefined
  if (url === undefined) throw refused('ALERT_WEBHOOK_URL', 'must be set where ALERT_WEBHOOK_SECRET is')
  if (secret === undefined)
    throw refused(
      'ALERT_WEBHOOK_SECRET',
      `must be set where ALERT_WEBHOOK_URL is: alerts are only sent signed; ${ADVICE}`,
    )
  return { url: urlFrom(url), secret: secretFrom(secret) }
}

/** What of it must never be seen: addresses of webhooks are often secrets themselves. */
export function webhookSecretsOf(webhook: Webhook | undefined): string[] {
  return webhook ? [webhook.url, Buffer.from(webhook.secret).toString('base64')] : []
}

function urlFrom(text: string): string {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refused('ALERT_WEBHOOK_URL', 'must be a URL that begins with http:// or https://')
  if (url.username !== '' || url.password !== '')
    throw refused('ALERT_WEBHOOK_URL', 'must not have a user or a password in it: the signature proves who sends')
  if (NOBODYS.test(url.hostname))
    throw refused('ALERT_WEBHOOK_URL', 'must not be an address of a metadata service or of no host at all')
  return url.href
}

function secretFrom(text: string): Uint8Array {
  const [, base64] = SECRET.exec(text) ?? []
  if (base64 === undefined)
    throw refused('ALERT_WEBHOOK_SECRET', `must be whsec_ and then random bytes in base64; ${ADVICE}`)
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES)
    throw refused('ALERT_WEBHOOK_SECRET', `must have from ${LEAST_BYTES} to ${MOST_BYTES} bytes; ${ADVICE}`)
  return bytes
}

function refused(name: string, message: string): ConfigurationError {
  return new ConfigurationError(`${name} ${message}.`)
}
