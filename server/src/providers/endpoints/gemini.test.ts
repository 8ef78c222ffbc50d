import { expect, test } from 'vitest'
import type { Deployment, Errand, OutgoingRequest } from '../../core/ports/deployment.ts'
import { geminiEndpoint } from './gemini.ts'

const deployment = { credential: 'AIza-secret', upstreamModel: 'gemini-2.5-flash' } as Deployment
const pathOf = (errand: Partial<Errand>, upstreamModel = deployment.upstreamModel) =>
  geminiEndpoint.path(
    { ...deployment, upstreamModel },
    { format: 'gemini-generate', operation: 'call', stream: false, query: '', ...errand },
  )

test('a path goes on as the client called it, with the model’s name at the provider', () => {
  const route = '/v1/models/{model}:streamGenerateContent'
  expect(pathOf({ route, stream: true })).toBe('/v1/models/gemini-2.5-flash:streamGenerateContent')
  expect(pathOf({ route: '/v1beta/models/{model}:batchEmbedContents', format: 'gemini-embed' }, "a/../$'?#")).toBe(
    "/v1beta/models/a%2F..%2F%24'%3F%23:batchEmbedContents",
  )
})

test('errands of our own have a path too, and so has the chat of OpenAI, which Google serves beside its own API', () => {
  expect(pathOf({ operation: 'count' })).toBe('/v1beta/models/gemini-2.5-flash:countTokens')
  expect(pathOf({})).toBe('/v1beta/models/gemini-2.5-flash:generateContent')
  expect(pathOf({ stream: true })).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent')
  const chat = { format: 'openai-chat', route: '/v1/chat/completions' }
  for (const stream of [false, true]) expect(pathOf({ ...chat, stream })).toBe('/v1beta/openai/chat/completions')
  expect(pathOf({ ...chat, format: 'openai-responses' })).toBeUndefined()
  expect(pathOf({ format: 'gemini-embed', operation: 'count' })).toBeUndefined()
})

test('S41: of a query only how a stream comes is passed on', () => {
  const route = '/v1beta/models/{model}:streamGenerateContent'
  const queryOf = (query: string, stream = true) => pathOf({ route, stream, query })!.split(':streamGenerateContent')[1]
  for (const query of ['alt=sse', '$alt=sse', 'key=AIza&access_token=x&alt=sse&alt=json'])
    expect(queryOf(query)).toBe('?alt=sse')
  for (const query of ['', 'alt=json', 'alt=proto', 'key=AIza', 'alt=SSE']) expect(queryOf(query)).toBe('')
  expect(queryOf('alt=sse', false)).toBe('')
})

test('the credential stands in Google’s header, and a host without one gets no empty one', () => {
  const request = {} as OutgoingRequest
  expect(geminiEndpoint.headers(deployment, request)).toEqual({ 'x-goog-api-key': 'AIza-secret' })
  const bearer = { authorization: 'Bearer AIza-secret' }
  expect(geminiEndpoint.headers({ ...deployment, format: 'openai-chat' }, request)).toEqual(bearer)
  expect(geminiEndpoint.headers({ ...deployment, credential: undefined }, request)).toEqual({})
})
