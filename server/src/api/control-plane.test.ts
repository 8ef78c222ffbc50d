import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ask, errorOf, open } from './control-plane.test.fixture.ts'

test('ready names its causes; health does not depend on them', async () => {
  const fixture = await open()
  expect((await ask(fixture, 'GET', '/api/ready')).json()).toEqual({ ready: true })
  fixture.causes.push('the ledger does not answer')
  const answer = await ask(fixture, 'GET', '/api/ready')
  expect([answer.statusCode, errorOf(answer).message]).toEqual([503, 'Not ready: the ledger does not answer.'])
  expect((await ask(fixture, 'GET', '/api/health')).json()).toEqual({ status: 'ok', version: '0.0.0-test' })
})

test('live: a hint comes when something was committed, and a stream that ends is let go', async () => {
  const fixture = await open()
  const server = createServer((request, response) => fixture.app.routing(request, response))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/live`
  const leaving = new AbortController()
  const answer = await fetch(url, { headers: fixture.admin, signal: leaving.signal })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  const read = async (until: string) => {
    let text = ''
    while (!text.includes(until)) text += (await reader.read()).value ?? ''
    return text
  }
  await read('retry: 2000\n\n')
  expect(fixture.listeners.size).toBe(1)
  for (const watermark of ['1', '2', '3']) for (const tell of fixture.listeners) tell(watermark)
  const hints = await read('"3"')
  expect(hints).toContain('event: hint\ndata: {"watermark":"1"}\n\n')
  expect(hints).not.toContain('"2"')
  leaving.abort()
  await expect.poll(() => fixture.listeners.size).toBe(0)
  const closing = await fetch(url, { headers: fixture.admin })
  await fixture.app.close()
  expect(await closing.text()).toBe('retry: 2000\n\n')
  server.close()
})

describe('the dashboard', () => {
  test('pages are its page, assets are kept for ever, programs get errors, and nothing else is served', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
    const dist = join(folder, 'dist')
    mkdirSync(join(dist, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret'), 'SECRET')
    writeFileSync(join(dist, '.env'), 'SECRET')
    writeFileSync(join(dist, 'index.html'), '<!doctype html>')
    writeFileSync(join(dist, 'assets', 'app-1a2b.js'), 'export {}')
    const fixture = await open({ dashboardFolder: dist })
    const html = { accept: 'text/html,*/*' }
    for (const url of ['/', '/users/alice', '/users/a.b?range=7d']) {
      const page = await fixture.app.inject({ url, headers: html })
      expect([url, page.statusCode, page.body]).toEqual([url, 200, '<!doctype html>'])
      expect(page.headers['cache-control']).toBe('public, max-age=0')
      expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(page.headers['referrer-policy']).toBe('no-referrer')
    }
    const asset = await fixture.app.inject({ url: '/assets/app-1a2b.js', headers: { accept: '*/*' } })
    expect([asset.body, asset.headers['cache-control']]).toEqual(['export {}', 'public, max-age=31536000, immutable'])
    expect(asset.headers['access-control-allow-origin']).toBeUndefined()
    for (const url of ['/api/nope', '/v1/nope', '/usage'])
      expect((await fixture.app.inject({ url, headers: html })).headers['content-type']).toContain('application/json')
    for (const url of [
      '/../secret',
      '/%2e%2e/secret',
      '/..%2fsecret',
      '/assets/..%2f..%2fsecret',
      '/.env',
      '/assets',
      '/%00',
    ])
      expect((await ask(fixture, 'GET', url)).body).not.toContain('SECRET')
    rmSync(folder, { recursive: true })
  })

  test('where it is not built, its page says so', async () => {
    const answer = await ask(await open(), 'GET', '/', { headers: { accept: 'text/html' } })
    expect(errorOf(answer).message).toContain('not built')
  })
})
