import { expect, test } from 'vitest'
import type { Deployment } from '../core/ports/deployment.ts'
import { ENDPOINTS } from '../providers/endpoints/all.ts'
import { requestTo } from './forward.ts'
import type { Gateway } from './gateway.ts'

const deployment = {
  endpoint: 'bedrock',
  baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
  upstreamModel: 'maker.model-v1:0',
  credential: 'secret-0123456789',
  signing: { accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1' },
} as unknown as Deployment
const sent = (clientHeaders: Record<string, string>) =>
  requestTo({ endpoints: ENDPOINTS, nowMs: () => 0 } as unknown as Gateway, {
    deployment,
    errand: { format: 'bedrock-invoke', operation: 'call', stream: false, query: '' },
    clientHeaders,
    body: Buffer.from('{}'),
  }).headers

test('only what an API reads of a client’s headers goes on, and never what hides who called', () => {
  const hidden = { cookie: 'c', authorization: 'Bearer tt_x', 'x-api-key': 'k', 'x-forwarded-for': '1', host: 'evil' }
  const headers = sent({ ...hidden, 'x-amz-security-token': 't', 'x-amzn-bedrock-trace': 'ENABLED', accept: '*/*' })
  expect(headers).toMatchObject({ 'x-amzn-bedrock-trace': 'ENABLED', accept: '*/*' })
  for (const name of ['cookie', 'x-api-key', 'x-forwarded-for', 'host', 'x-amz-security-token'])
    expect(headers).not.toHaveProperty(name)
  expect(headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/)
})

test('a header that a signature cannot cover stays here: the provider’s 403 would be told of our credential', () => {
  for (const value of ['é', '\u0080', 'a\u00a0b'])
    expect(sent({ 'x-amzn-bedrock-trace': value, 'user-agent': value })).toEqual(sent({}))
})
