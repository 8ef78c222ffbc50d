import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, errorOf, open } from './control-plane.test.fixture.ts'

test('B09: an instant is ISO 8601 with its offset; nothing else is guessed to be one', async () => {
  const fixture = await open()
  const wrong = [
    ...['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-30T24:01:00Z', '2026-11-30', '2026-11-30T00:00:00'],
    ...['1796042096', '1796042096000', '1796042096000000', '2026-11-30T00:00:00+99:99', '2026-11-30T00:00:00%2B24:00'],
    ...[
      '30.11.2026',
      'Mon, 30 Nov 2026 00:00:00 GMT',
      'today',
      '2026-W48-1',
      '',
      '%00',
      '2026-11-30T00:00:00Z;',
      'NaN',
    ],
  ]
  for (const path of ['/api/summary', '/api/trend', '/api/entries'])
    for (const field of ['from', 'to'])
      for (const instant of wrong) {
        const answer = await ask(fixture, 'GET', `${path}?${field}=${instant}`, { headers: fixture.admin })
        expect([path, instant, errorOf(answer).field]).toEqual([path, instant, field])
      }
  const right = ['2026-11-30T00:00:00Z', '2026-11-30T01:00:00%2B01:00', '2026-11-29T23:30:00-00:30', '20261130T000000Z']
  for (const instant of right) {
    const answer = await ask(fixture, 'GET', `/api/summary?from=${instant}`, { headers: fixture.admin })
    expect([instant, answer.json<{ from: string }>().from]).toEqual([instant, '2026-11-30T00:00:00.000Z'])
  }
})

test('B32: no path leads out of the folder of the dashboard, however it is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'static-'))
  const dist = join(folder, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'SECRET')
  writeFileSync(join(dist, 'index.html'), '<!doctype html>')
  writeFileSync(join(dist, '.env'), 'SECRET')
  symlinkSync(join(folder, 'secret.txt'), join(dist, 'assets', 'link.txt'))
  symlinkSync(folder, join(dist, 'assets', 'up'))
  writeFileSync(join(dist, 'assets', 'own.txt'), 'own')
  symlinkSync(join(dist, 'assets', 'own.txt'), join(dist, 'inside.txt'))
  const fixture = await open({ dashboardFolder: dist })
  const ups = [
    '..',
    '%2e%2e',
    '.%2e',
    '%252e%252e',
    '..;',
    '%c0%ae%c0%ae',
    '．．',
    '%ef%bc%8e%ef%bc%8e',
    '....',
    '..%00',
  ]
  const slashes = ['/', '%2f', '%5c', '\\', '%252f', '//', '%c0%af', '/./']
  for (const up of ups)
    for (const slash of slashes)
      for (const path of [
        `/${up}${slash}secret.txt`,
        `/assets${slash}${up}${slash}${up}${slash}secret.txt`,
        `/static/${up}${slash}${up}/etc/passwd`,
      ]) {
        const { statusCode, body } = await ask(fixture, 'GET', path)
        expect([path, [400, 404].includes(statusCode), body.includes('SECRET')]).toEqual([path, true, false])
      }
  for (const path of [
    '/.env',
    '/%2eenv',
    '/assets/',
    '/assets',
    '/assets/link.txt',
    '/assets/up/secret.txt',
    '/index.html%00.js',
    '/%00',
    '/api/users/%2e%2e',
    '/%',
    '/%zz',
    '/é',
    '/☃',
  ])
    expect([path, [400, 401, 404].includes((await ask(fixture, 'GET', path)).statusCode)]).toEqual([path, true])
  expect((await ask(fixture, 'GET', '/inside.txt')).body).toBe('own')
  rmSync(folder, { recursive: true })
})
