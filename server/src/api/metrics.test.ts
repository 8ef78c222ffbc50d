import { expect, test } from 'vitest'
import { ask, open } from './control-plane.test.fixture.ts'

test('S63: metrics are for this machine, and from elsewhere for the administrator', async () => {
  const [local, remote] = [await open({ isLocalOnly: true }), await open()]
  const status = async (fixture: typeof local, headers = {}) =>
    (await ask(fixture, 'GET', '/metrics', { headers })).statusCode
  expect(await status(local)).toBe(200)
  // A proxy on this machine asks for somebody elsewhere.
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    expect(await status(local, { [name]: '203.0.113.7' })).toBe(401)
  expect(await status(remote)).toBe(401)
  expect(await status(remote, { authorization: `Bearer ${remote.key}` })).toBe(403)
  const { headers, body } = await ask(remote, 'GET', '/metrics', { headers: remote.admin })
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(body).toBe('up 1\n')
})

test('Q22: wrong secrets are throttled by who sends them; whose word a forwarded address is decides whether it counts', async () => {
  const proxy = '10.0.0.1'
  const fixture = await open({ isTrustedProxy: (address) => address === proxy })
  const wrong = async (remoteAddress: string, forwarded: string) => {
    const headers = { 'x-forwarded-for': forwarded }
    return (await ask(fixture, 'POST', '/api/session', { payload: { secret: 'wrong' }, remoteAddress, headers }))
      .statusCode
  }
  const rotating = async (remoteAddress: string, of: (index: number) => string) => {
    const statuses: number[] = []
    for (let index = 0; index < 12; index++) statuses.push(await wrong(remoteAddress, of(index)))
    return statuses.slice(-2)
  }
  // A stranger's word on who it is changes nothing, and cannot spend what belongs to another.
  expect(await rotating('203.0.113.9', (index) => `198.51.100.${index}`)).toEqual([429, 429])
  expect(await wrong(proxy, '198.51.100.1')).toBe(401)
  // Behind our own proxy each caller counts apart, and what a caller says before the proxy does not.
  expect(await rotating(proxy, (index) => `198.51.100.${100 + index}`)).toEqual([401, 401])
  expect(await rotating(proxy, (index) => `192.0.2.${index}, 198.51.100.77`)).toEqual([429, 429])
})

test('Q22: only a proxy of ours can say that a browser came by HTTPS', async () => {
  const fixture = await open({ isTrustedProxy: (address) => address === '10.0.0.1' })
  const cookie = async (remoteAddress: string) => {
    const headers = { 'x-forwarded-proto': 'https' }
    const payload = { secret: fixture.adminSecret }
    return String(
      (await ask(fixture, 'POST', '/api/session', { payload, remoteAddress, headers })).headers['set-cookie'],
    )
  }
  expect(await cookie('10.0.0.1')).toContain('Secure')
  expect(await cookie('203.0.113.9')).not.toContain('Secure')
})
