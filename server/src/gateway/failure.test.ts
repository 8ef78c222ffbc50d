import { expect, test } from 'vitest'
import type { Deployment } from '../core/ports/deployment.ts'
import { retryAfterMs, withoutCredential } from './failure.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 12)

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('what %o asks for', (headers, expected) => {
  expect(retryAfterMs(headers, NOW_MS)).toBe(expected)
})

test('S40: a provider that quotes our credential in its error is not passed on word by word', () => {
  const deployment = { credential: 'sk-canary' } as Deployment
  const told = (text: string) => withoutCredential(Buffer.from(text), deployment).toString()
  expect(told('{"error":"bad header sk-canary, sk-canary: ünïcode"}')).toBe('{"error":"bad header ***, ***: ünïcode"}')
  expect(told('{"error":"no"}')).toBe('{"error":"no"}')
})
