import { expect, test } from 'vitest'
import type { Deployment } from '../../core/ports/deployment.ts'
import { azureEndpoint } from './azure.ts'

const pathOf = (format: string, query = '', apiVersion?: string, operation: 'call' | 'compact' | 'count' = 'call') =>
  azureEndpoint.path({ upstreamModel: 'chat eu', ...(apiVersion && { apiVersion }) } as Deployment, {
    format,
    operation,
    stream: false,
    query,
  })

test('a dated version has the deployment in its path, and any other is of the v1 API', () => {
  const scoped = '/openai/deployments/chat%20eu'
  expect(pathOf('openai-chat', '', '2024-10-21')).toBe(`${scoped}/chat/completions?api-version=2024-10-21`)
  expect(pathOf('openai-embeddings', '', '2023-05-15')).toBe(`${scoped}/embeddings?api-version=2023-05-15`)
  expect(pathOf('openai-completions', '', '2023-05-15')).toBe(`${scoped}/completions?api-version=2023-05-15`)
  expect(pathOf('openai-responses', '', '2025-03-01-preview')).toBe('/openai/responses?api-version=2025-03-01-preview')
  expect(pathOf('openai-responses', '', 'v1', 'count')).toBe('/openai/v1/responses/input_tokens')
  expect(pathOf('openai-responses', '', 'preview', 'compact')).toBe('/openai/v1/responses/compact?api-version=preview')
  expect(pathOf('openai-chat')).toBe('/openai/v1/chat/completions')
  expect(pathOf('anthropic-messages')).toBeUndefined()
})

test("S20: the client's version goes before the configured one, and nothing else of its query goes on", () => {
  expect(pathOf('openai-responses', 'a=b&api-version=2025-04-01-preview', 'v1')).toContain('api-version=2025-04-01')
  expect(pathOf('openai-chat', 'api-version=preview&azure_endpoint=https://evil.example', '2024-10-21')).toBe(
    '/openai/v1/chat/completions?api-version=preview',
  )
  for (const bad of ['2024-10-21/../x', '', '2024%2F10', 'a b', 'v'.repeat(41), '2024-10-21#'])
    expect(pathOf('openai-chat', `api-version=${bad}`, 'v1')).toBe('/openai/v1/chat/completions')
})

test('its credential stands in a header of its own', () => {
  const headers = (credential: string | undefined) => azureEndpoint.headers({ credential } as Deployment, {} as never)
  expect(headers('secret')).toEqual({ 'api-key': 'secret' })
  expect(headers(undefined)).toEqual({})
})
