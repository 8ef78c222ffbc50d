import { createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a keyed hash is made for: a hash made for one purpose is worth nothing for another. */
type Purpose = 'key' | 'administrator' | 'session' | 'installation' | 'cursor' | 'redis'

/** Keyed hashes under the installation's secret. The secret itself is not kept. */
export interface Secrets {
  /** HMAC-SHA-256 of the text under the secret's part for this purpose, in hex. */
  hash(purpose: Purpose, text: string): string
  /** Whether the text has this hash, in constant time. */
  matches(purpose: Purpose, text: string, hash: string): boolean
}

/** Derives one key per purpose from the installation's secret (HKDF, RFC 5869). */
export function openSecrets(installationSecret: string | Uint8Array): Secrets {
  const derive = (purpose: Purpose) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', installationSecret, '', `token-trackr ${purpose}`, 32)))
  const keys = {
    key: derive('key'),
    administrator: derive('administrator'),
    session: derive('session'),
    installation: derive('installation'),
    cursor: derive('cursor'),
    redis: derive('redis'),
  }
  const hash = (purpose: Purpose, text: string) => createHmac('sha256', keys[purpose]).update(text).digest('hex')
  return { hash, matches: (purpose, text, expected) => sameHash(hash(purpose, text), expected) }
}

/** A new secret of 256 random bits, with a prefix by which people and secret scanners know it. */
export function mintSecret(prefix: 'tt_' | 'tta_'): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** A new id that says nothing: 120 random bits. */
export function mintId(prefix: string): string {
  return prefix + randomBytes(15).toString('base64url')
}

function sameHash(hash: string, expected: string): boolean {
  const a = Buffer.from(hash, 'latin1')
  const b = Buffer.from(expected, 'latin1')
  return a.length === b.length && timingSafeEqual(a, b)
}
