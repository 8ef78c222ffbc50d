import { createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a keyed hash is made for: a hash made for one purpose is worth nothing for another. */
type Purpose = 'key' | 'administrator' | 'session' | 'installation' | 'cursor' | 'redis'

/** Keyed hashes under the installation's secrets. The secrets themselves are not kept. */
export interface Secrets {
  /** HMAC-SHA-256 of the text under its secret's part for this purpose, in hex. */
  hash(purpose: Purpose, text: string): string
  /** Whether the text has this hash, in constant time. */
  matches(purpose: Purpose, text: string, hash: string): boolean
}

/**
 * Derives one key per purpose (HKDF, RFC 5869). What is stored is hashed under the secret that the installation began with;
 * what is only signed, under the one that it has now, so that nobody who has an earlier one can make a session.
 */
export function openSecrets(secret: string, hashing = secret): Secrets {
  const derive = (from: string, purpose: Purpose) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', from, '', `token-trackr ${purpose}`, 32)))
  const keys = {
    key: derive(hashing, 'key'),
    administrator: derive(hashing, 'administrator'),
    installation: derive(hashing, 'installation'),
    redis: derive(hashing, 'redis'),
    session: derive(secret, 'session'),
    cursor: derive(secret, 'cursor'),
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
