import { expect, test } from 'vitest'
import { parseRequestBody } from '../core/request-body.ts'
import { type AskedForUsage, isUsageRefused, usageRefusers } from './usage-refusers.ts'

const asked = (name = 'one', query = 'api-version=2023-05-15', fields: object = {}) =>
  ({
    deployment: { name, format: 'openai-chat' },
    errand: { query },
    body: parseRequestBody(JSON.stringify(fields)),
  }) as unknown as AskedForUsage

test('a deployment that refused is not asked again so; another version, another kind of call and others are', () => {
  const refusers = usageRefusers()
  expect(refusers.has(asked())).toBe(false)
  refusers.add(asked())
  expect(refusers.has(asked())).toBe(true)
  expect(refusers.has(asked('one', 'x=y&api-version=2023-05-15'))).toBe(true)
  for (const other of [asked('two'), asked('one', 'api-version=2024-10-21'), asked('one', '')])
    expect(refusers.has(other)).toBe(false)
  expect(refusers.has(asked('one', 'api-version=2023-05-15', { data_sources: [] }))).toBe(false)
})

test('versions without end take no memory without end', () => {
  const refusers = usageRefusers()
  for (let version = 0; version <= 1000; version++) refusers.add(asked('one', `api-version=${version}`))
  expect(refusers.has(asked('one', 'api-version=1'))).toBe(false)
  expect(refusers.has(asked('one', 'api-version=1000'))).toBe(true)
})

test('only a refusal of what we added is one', () => {
  const words = Buffer.from('{"error":{"message":"Unrecognized request argument supplied: stream_options"}}')
  expect(isUsageRefused(400, words)).toBe(true)
  expect(isUsageRefused(500, words)).toBe(false)
  expect(isUsageRefused(400, Buffer.from('{"error":{"message":"bad messages"}}'))).toBe(false)
})
