import { createHash, createHmac } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { saying } from './answers.ts'
import type { Json } from './control-plane.ts'
import { CANARIES, type Stage, stage } from './harness.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall, textOf } from './wire.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterAll(() => on.close())

const control = () => on.server.control

/** Everything by which a proxy in front of us might say who called. */
const forwardedFor = (address: string) => ({
  ...{ 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address, 'true-client-ip': address },
  ...{ 'cf-connecting-ip': address, 'x-client-ip': address, 'fastly-client-ip': address },
})

test('Q22: whatever address a client claims, its limits are those of its key, and it spends nobody else’s', async () => {
  const victim = await control().newUser(null)
  const { userId, key } = await control().newUser(null)
  for (const id of [userId, victim.userId])
    await control().limit({
      ...{ scope: { kind: 'user', id }, metric: 'requests' },
      ...{ window: { kind: 'minute' }, amount: 3 },
    })
  const statuses = []
  for (let turn = 1; turn <= 6; turn += 1) {
    const headers = { ...forwardedFor(`203.0.113.${turn}`), 'x-token-trackr-user': victim.userId }
    statuses.push((await call(on.server.url, CHAT, key, chatCall(), { headers })).status)
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429])
  // Nobody without a key spends what the victim may.
  for (let turn = 1; turn <= 6; turn += 1) {
    const headers = { ...forwardedFor('203.0.113.1'), 'x-token-trackr-user': victim.userId }
    expect((await call(on.server.url, CHAT, 'tt_wrong', chatCall(), { headers })).status).toBe(401)
  }
  const after = []
  for (let turn = 1; turn <= 4; turn += 1) after.push((await call(on.server.url, CHAT, victim.key, chatCall())).status)
  expect(after).toEqual([200, 200, 200, 429])
})

test('S42: what a refused caller is told has no key, hash, statement, stack or host in it', async () => {
  const { userId, key, keyId } = await control().newUser(0)
  const unlimited = await control().newUser(null)
  const echo = JSON.stringify({ error: { message: `Incorrect API key provided: ${CANARIES.OPENAI_API_KEY}.` } })
  const bodies: { status: number; text: string }[] = []
  const tell = (answer: { status: number; text: string }) => bodies.push(answer)
  const proxied = async (path: string, with_: string, body: object) => {
    const answer = await call(on.server.url, path, with_, body)
    tell({ status: answer.status, text: textOf(answer) + JSON.stringify(answer.headers) })
  }
  const asked = async (method: string, path: string, headers: Record<string, string>, body?: object) => {
    const answer = await request(on.server.url + path, {
      method: method as 'GET',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    tell({ status: answer.statusCode, text: (await answer.body.text()) + JSON.stringify(answer.headers) })
  }
  for (const [path, body] of [
    [CHAT, chatCall()],
    [CHAT, chatCall({ stream: true })],
    [MESSAGES, messagesCall()],
  ] as const) {
    await proxied(path, key, body)
    await proxied(path, `${key}x`, body)
    await proxied(path, "tt_' OR 1=1--", body)
  }
  on.provider.next(saying(429, { 'content-type': 'application/json' }, echo))
  await proxied(CHAT, unlimited.key, chatCall())
  for (const path of ['/api/users', `/api/users/${encodeURIComponent(userId)}`, '/api/keys', '/api/entries']) {
    await asked('GET', path, {})
    await asked('GET', path, { authorization: `Bearer ${key}` })
    await asked('GET', path, { authorization: `Bearer ${on.installation.adminSecret}x` })
  }
  const { headers } = await request(`${on.server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: on.installation.adminSecret }),
  })
  const cookie = String(headers['set-cookie']).split(';')[0]!
  await asked('POST', '/api/keys', { cookie, origin: 'https://evil.example' }, { userId })
  for (let turn = 0; turn < 15; turn += 1) await asked('POST', '/api/session', {}, { secret: `wrong-${turn}` })

  const refused = bodies.filter(({ status }) => [401, 403, 429].includes(status))
  expect(bodies.filter((answer) => !refused.includes(answer))).toEqual([])
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401, 403, 429]))
  const { hostname, port } = new URL(on.provider.url)
  const hidden = [key, unlimited.key, on.installation.adminSecret, cookie, `${hostname}:${port}`]
  hidden.push(on.installation.folder, ...Object.values(CANARIES), ...hashesOf(key), ...storedHashes(keyId))
  for (const { text } of refused) {
    for (const secret of hidden) expect(text.includes(secret), `${secret} in ${text}`).toBe(false)
    expect(text).not.toMatch(/SELECT|INSERT|UPDATE |sqlite|\.ts:\d|\bat \w+ \(|node_modules/)
  }
})

/** Whatever a hash of the key may look like. */
function hashesOf(key: string): string[] {
  const made = [createHash('sha256').update(key), createHmac('sha256', CANARIES.APP_SECRET_KEY).update(key)]
  const digests = made.map((one) => one.digest())
  return digests.flatMap((digest) => [digest.toString('hex'), digest.toString('base64'), digest.toString('base64url')])
}

/** Every long value that the database keeps about the key, but its id. */
function storedHashes(keyId: string): string[] {
  const database = new DatabaseSync(join(on.installation.folder, 'ledger.db'), { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%key%'").all()
    const rows = tables.flatMap(({ name }) => database.prepare(`SELECT * FROM "${String(name)}"`).all() as Json[])
    const values = rows.filter((row) => Object.values(row).includes(keyId)).flatMap((row) => Object.values(row))
    const texts = values.flatMap((value) =>
      value instanceof Uint8Array ? [Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64url')] : [],
    )
    texts.push(...values.filter((value): value is string => typeof value === 'string' && value.length > 30))
    expect(texts.length).toBeGreaterThan(0)
    return texts
  } finally {
    database.close()
  }
}
