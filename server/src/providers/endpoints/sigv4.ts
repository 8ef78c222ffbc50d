import { createHash, createHmac } from 'node:crypto'
import type { OutgoingRequest, Signing } from '../../core/ports/deployment.ts'

/**
 * The headers that sign a request for AWS (Signature Version 4): host, type and body, and what AWS reads of the others.
 * The path is encoded once more, as every service but S3 wants it: `%3A` is signed as `%253A`.
 */
export function signatureHeaders(
  { method, origin, path, headers, body, atMs }: OutgoingRequest,
  { accessKeyId, sessionToken, region }: Signing,
  secret: string,
  service: string,
): Readonly<Record<string, string>> {
  const instant = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = instant.slice(0, 8)
  const added = { 'x-amz-date': instant, ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }) }
  const signed = Object.entries({ ...headers, ...added, host: new URL(origin).host })
    .filter(([name]) => SIGNED.test(name))
    .map(([name, value]) => [name, value.trim().replaceAll(/\s+/g, ' ')] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    method,
    path.split('/').map(encoded).join('/'),
    NO_QUERY,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', instant, scope, sha256(canonical)].join('\n')
  const key = [region, service, 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day))
  const signature = hmac(key, toSign).toString('hex')
  return {
    ...added,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

/** What AWS asks to be signed. The other headers may be changed on the way. */
const SIGNED = /^(?:host|content-type|x-amz-.*|x-amzn-.*)$/

/** Nothing that is signed here has one. */
const NO_QUERY = ''

/** Percent-encoded as AWS does it: all but letters, digits and `-._~`. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
