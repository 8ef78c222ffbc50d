import { expect, test } from 'vitest'
import { converseUsage } from './converse-usage.ts'

test('B30: what a cache wrote counts whole, whatever its time to live is called', () => {
  const told = { inputTokens: 10, outputTokens: 5, totalTokens: 515, cacheWriteInputTokens: 500 }
  const buckets = (ttl: string) => converseUsage({ ...told, cacheDetails: [{ ttl, inputTokens: 500 }] }).usage.buckets
  const read = { inUncached: 10, outText: 5 }
  expect(buckets('1h')).toEqual({ ...read, inCacheWrite1h: 500 })
  for (const ttl of ['24h', '__proto__', 'constructor', 'toString'])
    expect(buckets(ttl)).toEqual({ ...read, inCacheWriteOther: 500 })
})
