import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { ENDPOINTS } from '../providers/endpoints/all.ts'
import { FORMATS } from '../providers/formats/all.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import { routeOf } from './router.ts'
import { PROXY_ROUTES } from './routes.ts'
import { refuseUnknown } from './unknown-route.ts'

const pathOf = (path: string, model = 'some-model') => path.replace('{model}', model)
const deployment = { name: 'some', upstreamModel: 'some-model', baseUrl: 'https://host.example' } as Deployment

describe('the table of routes', () => {
  test.each(PROXY_ROUTES)('$method $path is reached by its own path alone', (route) => {
    const named = route.path.includes('{model}') ? { model: 'some-model' } : {}
    const mode = route.stream === undefined ? {} : { stream: route.stream }
    const compacts = route.operation === 'compact' ? { compacts: true } : {}
    for (const query of ['', 'a=b'])
      expect(routeOf(route.method, `${pathOf(route.path)}${query && '?'}${query}`)).toEqual({
        route,
        address: { query, ...named, ...mode, ...compacts },
      })
    for (const method of ['PUT', 'DELETE', 'HEAD']) expect(routeOf(method, pathOf(route.path))).toBeUndefined()
    expect(routeOf(route.method, `${pathOf(route.path)}/x`)?.route).not.toBe(route)
    expect(routeOf(route.method, `/x${pathOf(route.path)}`)).toBeUndefined()
  })

  test('Q02: each route has a verdict on what it costs, and is free only where it makes no model write', () => {
    for (const { operation, metering } of PROXY_ROUTES)
      expect(metering).toBe(operation === 'call' || operation === 'compact' ? 'metered' : 'free')
  })

  test('each is of an API that is spoken, and leads somewhere at a host', () => {
    for (const { format, operation, stream = false } of PROXY_ROUTES) {
      expect(Object.keys(FORMATS)).toContain(format)
      const errand = { format, operation, stream, query: '' }
      const paths = Object.values(ENDPOINTS).map((endpoint) => endpoint.path(deployment, errand))
      if (operation !== 'models') expect(paths.some((path) => path?.startsWith('/'))).toBe(true)
    }
  })

  test('S41: a key in the query is no part of what is passed on', () => {
    for (const { method, path } of PROXY_ROUTES)
      expect(routeOf(method, `${pathOf(path)}?alt=sse&k%65y=tt_secret`)?.address.query).toBe('alt=sse')
  })

  test('Google’s verbs stand behind the model, whatever it is called, and tuned models are nobody’s here', () => {
    const { route, address } = routeOf('POST', '/v1beta/models/a:b:streamGenerateContent?alt=sse')!
    expect([route.path, address.model, address.stream]).toEqual([
      '/v1beta/models/{model}:streamGenerateContent',
      'a:b',
      true,
    ])
    for (const path of ['tunedModels/a:generateContent', 'models/a/b:generateContent', 'models/:generateContent'])
      expect(routeOf('POST', `/v1beta/${path}`)).toBeUndefined()
    for (const verb of ['generatecontent', 'batchGenerateContent', 'generateContentx'])
      expect(routeOf('POST', `/v1beta/models/a:${verb}`)).toBeUndefined()
  })

  test('a model is named decoded, and by one segment', () => {
    const patterns = PROXY_ROUTES.filter(({ path }) => path.includes('{model}'))
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.maker.model-v1:0'
    for (const { method, path } of patterns) {
      expect(routeOf(method, pathOf(path, encodeURIComponent(arn)))?.address.model).toBe(arn)
      expect(routeOf(method, pathOf(path, '%zz'))).toBeUndefined()
      expect(routeOf(method, pathOf(path, 'a/b'))).toBeUndefined()
    }
  })
})

/** What is told of where there is something, by where somebody asked. */
const KNOWN_PATHS = {
  '/model/': 'POST /model/{model}/converse',
  '/openai/': 'POST /openai/deployments/{model}/chat/completions',
  '/v1beta/': 'POST /v1beta/models/{model}:generateContent',
  '/v1/messages': 'POST /v1/messages',
  '/v2/': 'POST /v2/chat',
  '/v1/': 'POST /v1/chat/completions',
}

describe('Q02: what is not in the table', () => {
  function refusal(method: string, url: string) {
    let told: { status: number; body: string } | undefined
    const response = {
      req: { complete: true },
      writeHead: (status: number) => (told = { status, body: '' }),
      end: (body: Buffer) => (told = { ...told!, body: body.toString() }),
    } as unknown as ServerResponse
    const request = { method, url } as IncomingMessage
    return refuseUnknown({ formats: FORMATS, newId: () => 'id' }, request, response) ? told : undefined
  }

  test.each([
    ['POST', '/v1/audio/speech'],
    ['POST', '/v1/files?purpose=batch'],
    ['POST', '/v1/batches'],
    ['GET', '/v1/realtime'],
    ['GET', '/v1/chat/completions'],
    ['POST', '/v1/messages/batches'],
    ['DELETE', '/v1/models'],
    ['POST', '/openai/deployments/mine/audio/speech'],
    ['POST', '/openai/threads'],
    ['POST', '/model/any/async-invoke'],
    ['POST', '/v2/rerank'],
    ['POST', '/v1beta/tunedModels/a:generateContent?key=tt_secret'],
    ['POST', '/v1beta/models/a:batchGenerateContent'],
  ])('%s %s is refused by its name, with what there is', (method, url) => {
    const { status, body } = refusal(method, url)!
    expect(status).toBe(404)
    const said = JSON.parse(body)
    const { message, code, details } = said.error ?? said
    expect((details?.[0].reason ?? code).toLowerCase()).toBe('unknown_route')
    expect(message).toContain(`${method} ${url.replace(/\?.*/, '')} is not metered here`)
    const known = Object.entries(KNOWN_PATHS).find(([prefix]) => url.startsWith(prefix))![1]
    expect(message).toContain(known)
    expect(body).not.toContain('tt_secret')
  })

  test('is left to the control plane where no provider has such paths', () => {
    for (const url of ['/', '/api/users', '/usage', '/v12/x', '/assets/a.js'])
      expect(refusal('GET', url)).toBeUndefined()
  })
})
