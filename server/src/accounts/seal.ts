import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** What a sealed text begins with: should it ever be made in another way, both can be told apart. */
const VERSION = '1.'

/** The text, encrypted under the secret's part for sealing; only under the same name is it ever opened again (check S44). */
export function seal(secret: string, name: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce, { authTagLength: TAG_BYTES }).setAAD(nameBytes(name))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return VERSION + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
}

/** The text that was sealed; undefined where it is another secret's or another name's, or no longer as it was made. */
export function unseal(secret: string, name: string, sealed: string): string | undefined {
  if (!sealed.startsWith(VERSION)) return undefined
  const encoded = sealed.slice(VERSION.length)
  const bytes = Buffer.from(encoded, 'base64url')
  // Decoding passes over what it does not know, which would be a second way to write the same.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== encoded) return undefined
  const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(nameBytes(name))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'token-trackr seal', 32))
}

function nameBytes(name: string): Buffer {
  return Buffer.from(`token-trackr ${name}`)
}
