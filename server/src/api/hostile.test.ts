import { createServer } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, errorOf, EVENT, type Fixture, open, SAMPLES } from './control-plane.test.fixture.ts'
import { CONTROL_ROUTES } from './routes.ts'
import type { ControlRoute } from './route.ts'

/** The whole of it by command: TT_FUZZ=10000 npx vitest run server/src/api/hostile. */
const RUNS = Number(process.env['TT_FUZZ'] ?? 200)

const credentialFor = (fixture: Fixture, { authentication }: ControlRoute) => ({
  authorization: `Bearer ${authentication === 'key' ? fixture.key : fixture.adminSecret}`,
})
const endpointOf = ({ method, path }: ControlRoute) => `${method} ${path}`

/** Values that have broken parsers, and any other. */
const aValue = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue() },
  fc.constantFrom<unknown>(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202ex',
    '👩‍👩‍👧',
    '../',
    '__proto__',
    'constructor',
    'ä'.normalize('NFD'),
  ),
  fc.constantFrom<unknown>(-1, 0.5, 2 ** 53, -0, 1e21, Number.MAX_VALUE, '9007199254740993', '1e5', null, [], {}, [[]]),
  fc.constantFrom<unknown>('2026-02-30', 'P1D', 'Mars/Olympus', '+99:99', 'x'.repeat(5_000), { $ne: 1 }, "' OR 1=1--"),
)

/** A right body with some of it changed, at any depth; or any text at all. */
function aBody(route: ControlRoute): fc.Arbitrary<string> {
  const right = (SAMPLES[endpointOf(route)]?.payload ?? {}) as Record<string, unknown>
  const names = [...Object.keys(right), 'scope', 'kind', 'id', 'window', 'zone', 'constructor', '__proto__', 'x']
  const changed = (value: Record<string, unknown>): fc.Arbitrary<unknown> =>
    fc
      .dictionary(fc.constantFrom(...names), aValue)
      .chain((changes) =>
        fc.record(
          Object.fromEntries(
            Object.entries({ ...value, ...changes }).map(([name, one]) => [
              name,
              isObject(one) && Object.keys(one).length > 0
                ? fc.oneof(fc.constant(one), changed(one))
                : fc.constant(one),
            ]),
          ),
          { requiredKeys: [] },
        ),
      )
  return fc.oneof(
    { weight: 4, arbitrary: changed(right).map((body) => JSON.stringify(body)) },
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '',
      'null',
      '[]',
      '"x"',
      '{',
      '{"a":1,"a":2}',
      '{"__proto__":{"x":1}}',
      '['.repeat(9_000),
      '\ufeff{}',
    ),
  )
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const QUERIES = [
  ...['limit', 'cursor', 'userId', 'keyId', 'provider', 'model', 'outcome', 'evidence', 'code', 'from', 'to', 'zone'],
  ...['bucket', 'by', 'x', '__proto__', 'constructor', 'a[b]'],
]
const aQuery = fc
  .array(
    fc.tuple(
      fc.constantFrom(...QUERIES),
      fc.oneof(
        fc.string(),
        aValue.map((value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))),
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${encodeURIComponent(name)}=${percentEncoded(value)}`).join('&'))

/** Also halves of surrogate pairs, as bytes that are no UTF-8. */
const percentEncoded = (text: string) =>
  text.isWellFormed() ? encodeURIComponent(text) : `%ed%a0%80${encodeURIComponent(text.toWellFormed())}`
const aSegment = fc.oneof(
  fc.constantFrom('alice', '%00', '%ff', '..%2f', '%2e%2e', '__proto__', 'x'.repeat(3_000)),
  fc.string().map(percentEncoded),
)

describe('B01: whatever is sent, the answer is a success or a 4xx with code, hint and field', () => {
  for (const route of CONTROL_ROUTES.filter(({ path, deadlineMs }) => path !== '/*' && deadlineMs !== null))
    test(`B01: ${endpointOf(route)}`, { timeout: 600_000 }, async () => {
      const fixture = await open()
      const headers = { ...credentialFor(fixture, route), 'content-type': 'application/json' }
      await fc.assert(
        fc.asyncProperty(
          route.body ? aBody(route) : fc.constant(undefined),
          aQuery,
          aSegment,
          async (payload, query, segment) => {
            const path = route.path.replaceAll(/:\w+/g, () => segment)
            const url = route.query || query.length % 4 === 0 ? `${path}?${query}` : path
            // Time passes, so that nobody is told to wait.
            fixture.clock.nowMs += 6_000
            await fixture.store.ledger.renewLease('w1', 60_000)
            const answer = await ask(fixture, route.method, url, { headers, ...(payload !== undefined && { payload }) })
            expect(answer.statusCode).toBeLessThan(500)
            if (answer.statusCode < 400) return
            const error = errorOf(answer)
            if (error.code === 'invalid_field' && !error.message.startsWith('The request:'))
              expect(error.field).toMatch(/./s)
          },
        ),
        { numRuns: RUNS },
      )
      expect(({} as Record<string, unknown>)['x']).toBeUndefined()
      expect(fixture.problems).toEqual([])
    })
})

describe('bodies', () => {
  const post = (fixture: Fixture, payload: string | Buffer, more = {}) =>
    ask(fixture, 'POST', '/api/users', {
      payload,
      headers: { ...fixture.admin, 'content-type': 'application/json', ...more },
    })

  test('B02: a body that is no JSON object of one meaning is refused, however deep or wide it is', async () => {
    const fixture = await open()
    const good = '{"userId":"b","tokenLimit":1}'
    const deep = `{"userId":${'['.repeat(8_000)}${']'.repeat(8_000)}}`
    for (const bad of [
      '',
      ' ',
      '[]',
      'null',
      '"x"',
      '1',
      'true',
      '{',
      '{"userId":"a","userId":"b","tokenLimit":1}',
      deep,
    ])
      expect([bad.slice(0, 20), errorOf(await post(fixture, bad)).code]).toEqual([bad.slice(0, 20), 'invalid_json'])
    for (const bytes of [[0x7b, 0xff, 0x7d], [0x00], [0xef, 0xbb, 0xbf], [0xed, 0xa0, 0x80]])
      expect(errorOf(await post(fixture, Buffer.from(bytes))).code).toBe('invalid_json')
    for (const userId of ['\\u0000', '\\ud800', 'a\\udc00b'])
      expect(errorOf(await post(fixture, `{"userId":"${userId}","tokenLimit":1}`))).toMatchObject({ field: 'userId' })
    const wide = (keys: number) => `{${Array.from({ length: keys }, (_, n) => `"k${n}":1`).join()}}`
    expect(errorOf(await post(fixture, wide(1_500)))).toMatchObject({ code: 'invalid_field' })
    for (const large of [wide(100_000), '['.repeat(1_000_000)])
      expect(errorOf(await post(fixture, large)).code).toBe('body_too_large')
    expect(errorOf(await post(fixture, good, { 'content-type': 'text/plain' })).code).toBe('unsupported_media_type')
    for (const encoding of ['br', 'gzip', 'zstd', 'deflate', 'x'])
      expect(errorOf(await post(fixture, good, { 'content-encoding': encoding })).code).toBe('unsupported_media_type')
    expect((await post(fixture, good)).statusCode).toBe(201)
  })

  test('B06: one byte too many is refused with the number, and what comes after it is not read', async () => {
    const fixture = await open()
    const server = createServer((request, response) => fixture.app.routing(request, response))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const head = '{"userId":"a","tokenLimit":1,"x":"'
    const body = (bytes: number) => `${head}${'x'.repeat(bytes - head.length - 2)}"}`
    const send = (payload: string) => post(fixture, payload)
    expect(errorOf(await send(body(16_384))).code).toBe('invalid_field')
    expect(errorOf(await send(body(16_385)))).toMatchObject({
      code: 'body_too_large',
      message: 'The body is larger than the 16384 bytes that this route takes.',
    })
    for (const framing of ['content-length: 100000000', 'transfer-encoding: chunked']) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk.toString()))
      const closed = new Promise((done) => socket.once('close', done))
      socket.write(
        `POST /api/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${fixture.adminSecret}\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`,
      )
      const piece = 'x'.repeat(65_536)
      const chunk = framing.startsWith('transfer') ? `10000\r\n${piece}\r\n` : piece
      // Until somebody stops reading, for a hundred megabytes at most.
      for (let sent = 0; sent < 1_500 && !socket.destroyed; sent++)
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
      await closed
      expect([framing, answer.split('\r\n')[0]]).toEqual([framing, 'HTTP/1.1 413 Payload Too Large'])
      // What a kernel buffers on both sides of a loopback connection, and no more.
      expect(socket.bytesWritten).toBeLessThan(20_000_000)
    }
    server.closeAllConnections()
    server.close()
  })

  test('B07: too many labels, and a text that is too long, are refused with how many there may be', async () => {
    const fixture = await open()
    const label = (labels: object) =>
      ask(fixture, 'POST', '/api/limits/test', {
        payload: { userId: 'alice', model: 'm1', labels },
        headers: fixture.admin,
      })
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`l${n}`, 'x']))
    expect((await label(many(16))).statusCode).toBe(200)
    expect(errorOf(await label(many(17)))).toMatchObject({ field: 'labels', message: 'labels: must be at most 16.' })
    expect(errorOf(await label(many(10_000))).message).toContain('16384 bytes')
    expect(errorOf(await label({ team: 'x'.repeat(1_001) })).message).toContain('1000')
    const send = (more: object) =>
      ask(fixture, 'POST', '/usage', { payload: { ...EVENT, ...more }, headers: { 'x-api-key': fixture.key } })
    expect(errorOf(await send({ user_id: 'x'.repeat(201) })).message).toContain('200')
    expect(errorOf(await send({ user_id: 'x'.repeat(1_000_000) })).message).toContain('16384 bytes')
    expect(errorOf(await send({ tags: many(10) }))).toMatchObject({ field: 'tags' })
  })
})

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
