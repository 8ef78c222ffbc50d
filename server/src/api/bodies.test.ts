import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ask, errorOf, EVENT, type Fixture, open } from './control-plane.test.fixture.ts'

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
