import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '@smithy/core/checksum'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deployment, OutgoingRequest } from '../../core/ports/deployment.ts'
import { bedrockEndpoint } from './bedrock.ts'
import { signatureHeaders } from './sigv4.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const signing = { accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1' }
const request: OutgoingRequest = {
  method: 'POST',
  origin: 'https://example.amazonaws.com',
  path: '/',
  headers: {},
  body: Buffer.alloc(0),
  atMs: Date.UTC(2015, 7, 30, 12, 36, 0),
}

describe("AWS's published test vectors", () => {
  const sessionToken =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwth' +
    'Ax7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY' +
    '9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from('Param1=value1') }
  const utf8 = { ...form, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf8' } }
  test.each([
    ['post-vanilla', {}, {}, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-sts-header-before',
      {},
      { sessionToken },
      '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    ],
    ['post-x-www-form-urlencoded', form, {}, 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
    ['…-parameters', utf8, {}, '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe'],
  ])('%s', (_name, asked, credentials, signature) => {
    const headers = signatureHeaders({ ...request, ...asked }, { ...signing, ...credentials }, SECRET, 'service')
    expect(headers['authorization']).toMatch(
      new RegExp(
        `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=${signature}$`,
      ),
    )
    expect(headers['x-amz-date']).toBe('20150830T123600Z')
  })
})

const deployment = (upstreamModel: string, more: Partial<Deployment> = {}) =>
  ({ upstreamModel, credential: SECRET, signing, ...more }) as Deployment
const errand = { format: 'bedrock-converse', operation: 'call', stream: false, query: '' } as const

/** What AWS's own SDKs sign for the same request. */
async function signedByAws({ origin, path, headers, body, atMs }: OutgoingRequest, session: string | undefined) {
  const { host, hostname } = new URL(origin)
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: signing.accessKeyId,
      secretAccessKey: SECRET,
      ...(session !== undefined && { sessionToken: session }),
    },
    region: signing.region,
    service: 'bedrock',
    sha256: Sha256,
    applyChecksum: false,
  })
  const { 'user-agent': _unsigned, accept: _too, ...signedHeaders } = headers
  const asked = {
    method: 'POST',
    protocol: 'https:',
    hostname,
    path,
    query: {},
    body,
    headers: { host, ...signedHeaders },
  }
  return (await signer.sign(asked, { signingDate: new Date(atMs) })).headers['authorization']
}

test("any model, body and header is signed as AWS's own SDKs sign them: the path twice encoded", async () => {
  const anyModel = fc.oneof(
    fc.constantFrom(
      'anthropic.claude-sonnet-4-5-20250929-v1:0',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3',
    ),
    fc.stringMatching(/^[\x21-\x7e]{1,60}$/).filter((name) => !/^\.+$/.test(name)),
  )
  const headers = fc.record(
    {
      'content-type': fc.constant('application/json'),
      'x-amzn-bedrock-trace': fc.stringMatching(/^[!-~]( {0,3}[!-~]){0,9}$/),
      'user-agent': fc.constant('aws-sdk-js'),
      accept: fc.constant('application/json'),
    },
    { requiredKeys: ['content-type'] },
  )
  const anything = fc.record({
    model: anyModel,
    headers,
    body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    atMs: fc.integer({ min: 0, max: 4e12 }),
    session: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,30}$/), { nil: undefined }),
    port: fc.constantFrom('', ':8443'),
  })
  await fc.assert(
    fc.asyncProperty(anything, async ({ model, port, session, ...rest }) => {
      const origin = `https://bedrock-runtime.us-east-1.amazonaws.com${port}`
      const one = { ...request, ...rest, origin, path: bedrockEndpoint.path(deployment(model), errand)! }
      const given = { ...signing, ...(session !== undefined && { sessionToken: session }) }
      const ours = bedrockEndpoint.headers(deployment(model, { signing: given }), one)
      expect(ours['authorization']).toBe(await signedByAws(one, session))
      expect(ours['x-amz-security-token']).toBe(session)
    }),
  )
})

test('a Bedrock API key is sent as bearer, and nothing is signed', () => {
  const { signing: _none, ...bearer } = deployment('some')
  expect(bedrockEndpoint.headers({ ...bearer, credential: 'bedrock-key' }, request)).toEqual({
    authorization: 'Bearer bedrock-key',
  })
})

test('each API has its action, below the model as one segment however many slashes it has', () => {
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.maker.model-v1:0'
  const of = (format: string, operation: 'call' | 'count' | 'compact', stream: boolean) =>
    bedrockEndpoint.path(deployment(arn), { ...errand, format, operation, stream })
  const segment = '/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.maker.model-v1%3A0'
  expect(of('bedrock-converse', 'call', false)).toBe(`${segment}/converse`)
  expect(of('bedrock-converse', 'call', true)).toBe(`${segment}/converse-stream`)
  expect(of('bedrock-invoke', 'call', false)).toBe(`${segment}/invoke`)
  expect(of('bedrock-invoke', 'call', true)).toBe(`${segment}/invoke-with-response-stream`)
  expect(of('bedrock-invoke', 'count', false)).toBe(`${segment}/count-tokens`)
  expect(of('bedrock-converse', 'compact', false)).toBeUndefined()
  expect(of('openai-chat', 'call', false)).toBeUndefined()
})
