import { expect, test } from 'vitest'
import type { Deployment } from '../../core/ports/deployment.ts'
import { ENDPOINTS } from './all.ts'

const deployment = { credential: 'sk-secret' } as Deployment

test('each provider gets its credential where it looks for it, and an API version where the client sent none', () => {
  expect(ENDPOINTS['openai-chat'].headers(deployment)).toEqual({ authorization: 'Bearer sk-secret' })
  expect(ENDPOINTS['anthropic-messages'].headers(deployment)).toEqual({ 'x-api-key': 'sk-secret' })
  expect(ENDPOINTS['anthropic-messages'].defaultHeaders).toEqual({ 'anthropic-version': '2023-06-01' })
})

test('a host without a credential gets no empty one', () => {
  for (const endpoint of Object.values(ENDPOINTS))
    expect(endpoint.headers({ ...deployment, credential: undefined })).toEqual({})
})
