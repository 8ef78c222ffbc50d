import { expect, test } from 'vitest'
import type { Deployment, OutgoingRequest } from '../../core/ports/deployment.ts'
import { ENDPOINTS } from './all.ts'

const deployment = { credential: 'sk-secret' } as Deployment
const request = { method: 'POST', path: '/', headers: {}, atMs: 0 } as OutgoingRequest

test('each provider gets its credential where it looks for it, and an API version where the client sent none', () => {
  expect(ENDPOINTS.openai.headers(deployment, request)).toEqual({ authorization: 'Bearer sk-secret' })
  expect(ENDPOINTS.cohere.headers(deployment, request)).toEqual({ authorization: 'Bearer sk-secret' })
  expect(ENDPOINTS.anthropic.headers(deployment, request)).toEqual({ 'x-api-key': 'sk-secret' })
  const chat = { ...deployment, format: 'openai-chat' }
  expect(ENDPOINTS.anthropic.headers(chat, request)).toEqual({ authorization: 'Bearer sk-secret' })
  expect(ENDPOINTS.anthropic.defaultHeaders).toEqual({ 'anthropic-version': '2023-06-01' })
})

test('a host without a credential gets no empty one', () => {
  for (const endpoint of Object.values(ENDPOINTS))
    expect(endpoint.headers({ ...deployment, credential: undefined }, request)).toEqual({})
})
