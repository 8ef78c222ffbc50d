import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from './seal.ts'

const text = fc.string({ unit: 'binary', maxLength: 300 })

test('S44: what is sealed is opened under the same secret and name, and under no other', () => {
  fc.assert(
    fc.property(text, text, text, text, (secret, name, otherSecret, otherName) => {
      const sealed = seal(secret, name, 'sk-ünicode-1')
      expect(unseal(secret, name, sealed)).toBe('sk-ünicode-1')
      if (otherSecret !== secret) expect(unseal(otherSecret, name, sealed)).toBeUndefined()
      if (otherName !== name) expect(unseal(secret, otherName, sealed)).toBeUndefined()
    }),
  )
})

test('S44: any text comes back as it was', () => {
  fc.assert(
    fc.property(text, (plain) => {
      expect(unseal('secret', 'vault', seal('secret', 'vault', plain))).toBe(plain)
    }),
  )
})

test('S44: with any bit flipped, any end cut off or anything added, nothing is opened', () => {
  const sealed = seal('secret', 'vault', 'sk-openai-1')
  const bytes = Buffer.from(sealed)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    expect([bit, unseal('secret', 'vault', flipped.toString('latin1'))]).toEqual([bit, undefined])
  }
  for (let end = 0; end < sealed.length; end++) expect(unseal('secret', 'vault', sealed.slice(0, end))).toBeUndefined()
  for (const more of ['A', '=', ' ', '\n', '.', 'AAAA'])
    expect(unseal('secret', 'vault', sealed + more)).toBeUndefined()
})

test('S44: no nonce is used twice, and the same text is never sealed the same', () => {
  const sealed = Array.from({ length: 2_000 }, () => seal('secret', 'vault', 'sk-openai-1'))
  const nonces = sealed.map((one) => Buffer.from(one.slice(2), 'base64url').subarray(0, 12).toString('hex'))
  expect(new Set(nonces).size).toBe(sealed.length)
})

test('S44: it is AES-256-GCM under a key derived for sealing alone, as anybody can recompute', async () => {
  const { subtle } = globalThis.crypto
  const bytes = Buffer.from(seal('secret', 'vault', 'sk-openai-1').slice(2), 'base64url')
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: Buffer.alloc(0), info: Buffer.from('token-trackr seal') }
  const secret = await subtle.importKey('raw', Buffer.from('secret'), 'HKDF', false, ['deriveKey'])
  const key = await subtle.deriveKey(hkdf, secret, { name: 'AES-GCM', length: 256 }, false, ['decrypt'])
  const how = { name: 'AES-GCM', iv: bytes.subarray(0, 12), additionalData: Buffer.from('token-trackr vault') }
  expect(Buffer.from(await subtle.decrypt(how, key, bytes.subarray(12))).toString()).toBe('sk-openai-1')
})
