import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Agent } from 'undici'
import type { Alert } from '../../core/alert.ts'
import { bodyOf, signed, webhook } from './webhook.ts'

const SECRET = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const ALERT: Alert = {
  id: 'alert_1',
  atMs: Date.UTC(2026, 10, 30, 12),
  text: 'User ada used 85% of $10 (left $1.50), resets 1 Dec 00:00 Europe/Amsterdam',
  crossing: {
    ...{ id: 'c', tenantId: 'acme', limitId: 'limit-1', threshold: 80, atMs: Date.UTC(2026, 10, 30, 12) },
    counterId: `acme/user/ada%20%F0%9F%87%B3%F0%9F%87%B1/costNanoUsd/calendar/${Date.UTC(2026, 9, 31, 23)}/${Date.UTC(2026, 10, 30, 23)}`,
    ...{ amount: 10_000_000_000n, settled: 9_007_199_254_740_993n },
  },
  window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
}

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

/** A receiver, and a channel that leads to it. */
async function channelTo(listener: RequestListener) {
  const server: Server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const dispatcher = new Agent()
  open.push(dispatcher, { close: () => (server.closeAllConnections(), server.close()) })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hidden`
  return webhook({ url, secret: SECRET, dispatcher, nowMs: () => 1_614_265_330_999 })
}

test('A06: signatures are those of the Standard Webhooks specification, by the example that its libraries share', () => {
  expect(signed(SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a body says what happened in fields that stay: units by the metric, instants in UTC, amounts exactly', () => {
  expect(JSON.parse(bodyOf(ALERT))).toEqual({
    type: 'limit.threshold_crossed',
    timestamp: '2026-11-30T12:00:00.000Z',
    data: {
      text: ALERT.text,
      tenantId: 'acme',
      limitId: 'limit-1',
      scope: { kind: 'user', id: 'ada 🇳🇱' },
      metric: 'costNanoUsd',
      window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
      windowStartsAt: '2026-10-31T23:00:00.000Z',
      resetsAt: '2026-11-30T23:00:00.000Z',
      thresholdPercent: 80,
      usedPercent: 90_071_992,
      amount: 10_000_000_000,
      settled: '9007199254740993',
    },
  })
  expect(JSON.parse(bodyOf({ ...ALERT, crossing: null, window: null }))).toEqual({
    ...{ type: 'alerts.test', timestamp: '2026-11-30T12:00:00.000Z', data: { text: ALERT.text } },
  })
})

test('what it answers decides, and nothing of it is repeated: a redirect leads nowhere, a flood is not read', async () => {
  const asked: string[] = []
  const answers: RequestListener[] = [
    (_, response) => response.writeHead(204).end(),
    (_, response) => response.writeHead(500).end('canary'),
    (_, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
    (_, response) => {
      response.writeHead(200)
      const flood = setInterval(() => response.write(Buffer.alloc(1 << 20)), 1)
      response.on('close', () => clearInterval(flood)).on('error', () => undefined)
    },
    (request) => request.socket.destroy(),
  ]
  const channel = await channelTo((request, response) => {
    asked.push(request.url!)
    answers[asked.length - 1]!(request, response)
  })
  expect(channel.target).not.toContain('hidden')
  const told = []
  for (const _ of answers) told.push(await channel.tell(ALERT))
  expect(told).toEqual([
    { delivered: true },
    { delivered: false, reason: 'answered 500' },
    { delivered: false, reason: 'answered 307' },
    { delivered: true },
    { delivered: false, reason: 'not reached (UND_ERR_SOCKET)' },
  ])
  expect(asked).toEqual(answers.map(() => '/hook?token=hidden'))
})
