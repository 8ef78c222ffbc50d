import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scrubber } from './scrub.ts'

const { scrub } = scrubber()

test.each([
  'tt_dw26r-GF3H0fqW0MTjLmQ8_GO5eKKXqoWS_YZrb3Oyk',
  'tta_eztYGfg-HHkF5qhM2BJp379ZsmXewhGmUyMmTmnt1Eo',
  'sk-proj-0123456789abcdef',
  'sk-ant-api03-0123456789abcdef',
  'AIzaSyA0123456789abcdefghijklmnopqrstu',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
])('S40: what looks like a secret is taken out wherever it stands: %s', (secret) => {
  for (const text of [
    secret,
    `key ${secret}.`,
    JSON.stringify({ a: secret }),
    `https://h/p?x=${secret}`,
    `{"${secret}"}`,
  ])
    expect(scrub(text)).not.toContain(secret)
})

test.each([
  ['authorization: Bearer abcdef123456', 'abcdef123456'],
  ['proxy-authorization: basic dXNlcjpodW50ZXIy', 'dXNlcjpodW50ZXIy'],
  ['fetch https://user:hunter2pw@host/x failed', 'hunter2pw'],
  ['GET https://host/v1beta/models/x:generate?key=hunter2pw&alt=sse', 'hunter2pw'],
  ['POST /v1/models?key=hunter2pw HTTP/1.1', 'hunter2pw'],
  ['POST /v1/models?alt=sse&api_key=hunter2pw', 'hunter2pw'],
  ['POST /v1/models%3Fkey%3Dhunter2pw', 'hunter2pw'],
  ['/callback?code=hunter2pw', 'hunter2pw'],
  ['?X-Amz-Signature=hunter2pw', 'hunter2pw'],
  ['?access_token=hunter2pw', 'hunter2pw'],
])('S41: %s', (text, secret) => {
  expect(scrub(text)).not.toContain(secret)
  expect(scrub(decodeURIComponent(text))).not.toContain(secret)
})

test('S40: a credential that we were given is taken out as it is, percent-encoded, and inside JSON', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' }), (secret) => {
      const knowing = scrubber()
      knowing.conceal(secret)
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(knowing.scrub(`<${form}>`)).toBe('<[redacted]>')
    }),
  )
})

test('of two secrets of which one begins with the other, nothing is left', () => {
  const knowing = scrubber()
  for (const secret of ['abcdef', 'abcdefghij', undefined, 'short']) knowing.conceal(secret)
  expect(knowing.scrub('abcdefghij abcdef short')).toBe('[redacted] [redacted] short')
})

test('what is no secret stays, and JSON stays JSON', () => {
  const line = JSON.stringify({
    callId: '01a20386-ff13-7488-b2b5-d92ad7c48fbe',
    keyId: 'key_Y55izey8jW2LMqsATl1I',
    model: 'claude-sonnet-4-5@20250929',
    msg: 'call ended: "https://api.openai.com/v1" said token limit key=none, bearer of news',
  })
  expect(scrub(line)).toBe(line)
  const secretive = JSON.stringify({ a: 'x?key=1"2', b: 'Bearer abc"def\\ghi', c: 'https://u:p@h/?q=\n"' })
  expect(Object.keys(JSON.parse(scrub(secretive)) as object)).toEqual(['a', 'b', 'c'])
})
