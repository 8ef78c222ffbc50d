import { expect, test } from 'vitest'
import { readEnvironment } from './env.ts'

const URL = 'https://hooks.example.com/services/T0/canary?token=canary'
const SECRET = `whsec_${Buffer.alloc(32, 'canary').toString('base64')}`
const read = (url: string, secret: string) => readEnvironment({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret })
const refusal = (url: string, secret: string) => {
  try {
    read(url, secret)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

test('A06: without a secret that nobody can guess the server does not start, and says how to make one', () => {
  const bytes = (count: number) => `whsec_${Buffer.alloc(count, 7).toString('base64')}`
  for (const secret of ['', ' ', 'whsec_', 'canary', SECRET.slice('whsec_'.length), bytes(23), bytes(65), `${SECRET}!`])
    expect(refusal(URL, secret)).toMatch(
      /^ALERT_WEBHOOK_SECRET must [^\n]*; make one with: echo "whsec_\$\(openssl rand/,
    )
  for (const url of [
    '',
    'ftp://x',
    'hooks.example.com',
    'http://u:canary@x',
    'http://169.254.169.254/',
    'http://[::]/',
  ])
    expect(refusal(url, SECRET)).toMatch(/^ALERT_WEBHOOK_URL must [^\n]*$/)
  for (const [url, secret] of [
    ['ftp://canary', SECRET],
    [URL, 'canary'],
  ] as const)
    expect(refusal(url, secret)).not.toContain('canary')
})

test('what it leads to and is signed with is concealed, as it is written and as it is meant', () => {
  const { webhook, secrets } = read(URL, SECRET)
  expect(webhook).toEqual({ url: URL, secret: Buffer.alloc(32, 'canary') })
  expect(secrets).toEqual(expect.arrayContaining([URL, SECRET, SECRET.slice('whsec_'.length)]))
  expect([read('http://10.0.0.7:9/x', SECRET).webhook?.url, readEnvironment({}).webhook]).toEqual([
    'http://10.0.0.7:9/x',
    undefined,
  ])
})
