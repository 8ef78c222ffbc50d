import { expect, test } from 'vitest'
import { withoutCredential } from './without-credential.ts'

test('S42: a provider that repeats our credential does not tell it to a client, and every other byte stays', () => {
  const credential = 'sk-0123456789abcdef'
  const [before, after] = [Buffer.from('{"message":"Wrong key ünlike '), Buffer.from([0xff, 0xfe, 0x22, 0x7d])]
  const answer = Buffer.concat([before, Buffer.from(`${credential}, ${credential}`), after])
  expect(withoutCredential(answer, { credential })).toEqual(
    Buffer.concat([before, Buffer.from('[redacted], [redacted]'), after]),
  )
  expect(withoutCredential(before, { credential })).toBe(before)
  expect(withoutCredential(Buffer.from('a simulated one'), { credential: 'simulated' }).toString()).toContain(
    'simulated',
  )
  const signing = { accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1', sessionToken: 'session-0123456789' }
  const signed = Buffer.from('{"message":"signed session-0123456789"}')
  expect(withoutCredential(signed, { credential, signing }).toString()).toBe('{"message":"signed [redacted]"}')
})
