import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, HELLO_CHAT } from './answers.ts'
import { openBrowser, signIn, type WatchedPage, watchedPage } from './browser.ts'
import { type Stage, stage } from './harness.ts'
import { call, CHAT, CHAT_MODEL, chatCall } from './wire.ts'

let on: Stage
let browser: Browser
let at: WatchedPage
beforeAll(async () => {
  on = await stage()
  browser = await openBrowser()
  at = await watchedPage(browser, on.server.url)
  await signIn(at.page, on.server.url, on.installation.adminSecret)
})
afterAll(async () => {
  await browser?.close()
  await on?.close()
})

test('U01: a fresh page shows what to paste, and a call made with an SDK appears without a reload, within two seconds', async () => {
  const snippet = at.page.getByRole('region', { name: 'First request' })
  expect(await snippet.innerText()).toContain(`${on.server.url}/v1/chat/completions`)
  const { userId, key } = await on.server.control.newUser(1_000, 'ada')
  const openai = new OpenAI({ apiKey: key, baseURL: `${on.server.url}/v1` })
  await openai.chat.completions.create({ ...asked, model: CHAT_MODEL })
  await at.page
    .getByRole('link', { name: `${userId}, ${CHAT_MODEL}: how was this counted?` })
    .waitFor({ timeout: 2_000 })
  await goTo('Users')
  await at.page.getByRole('row', { name: userId }).filter({ hasText: '29' }).waitFor({ timeout: 2_000 })
})
const goTo = (page: string) => at.page.getByRole('link', { name: page, exact: true }).click()
const asked = { messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 50 }

test('how a call was counted: buckets, rates, and the usage as the provider said it', async () => {
  await goTo('Requests')
  await at.page.getByRole('button', { name: `ada, ${CHAT_MODEL}: how was this counted?` }).click()
  const drawer = at.page.getByRole('dialog')
  await drawer.getByText('"prompt_tokens"').waitFor()
  const text = await drawer.innerText()
  for (const word of ['reported', '0.00000855', 'prompt_tokens']) expect(text.toLowerCase()).toContain(word)
  await at.page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
})

test('a limit that is changed in the page is enforced on the next call', async () => {
  const { userId, key } = await on.server.control.newUser(1_000, 'grace')
  await goTo('Users')
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
  await setLimit(userId, '0')
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(429)
  await setLimit(userId, '50k')
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
  expect((await on.server.control.user(userId)).tokenLimit).toBe(50_000)
})

async function setLimit(userId: string, limit: string): Promise<void> {
  await at.page.getByRole('button', { name: `Change the limit of ${userId}` }).click()
  const dialog = at.page.getByRole('dialog')
  await dialog.getByLabel('Token limit', { exact: true }).fill(limit)
  await dialog.getByRole('button', { name: 'Set limit' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

test('S50: hostile names and texts are shown, and do nothing', async () => {
  await goTo('Requests')
  const hostile = [
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(2)>',
    'javascript:alert(3)',
    '‮evil',
    '\u001b[31mred',
  ]
  for (const text of hostile) {
    const created = await on.server.control.ask('POST', '/api/users', { userId: text, tokenLimit: null })
    expect([201, 400]).toContain(created.status)
    if (created.status !== 201) continue
    const { body } = await on.server.control.ask('POST', '/api/keys', { userId: text, name: text })
    on.provider.next(answering({ ...HELLO_CHAT, id: text, usage: { ...HELLO_CHAT.usage, note: text } }))
    const headers = {
      'x-token-trackr-question': encodeURIComponent(text),
      'x-token-trackr-label-x': encodeURIComponent(text),
      'x-token-trackr-collection': encodeURIComponent(text),
    }
    expect((await call(on.server.url, CHAT, body.key, chatCall({ model: 'gpt-<b>x</b>' }), { headers })).status).toBe(
      200,
    )
    await at.page.getByText(text).first().waitFor()
    await at.page.getByRole('button', { name: `${text}, gpt-<b>x</b>: how was this counted?` }).click()
    await at.page.getByRole('dialog').getByText('"note"').waitFor()
    await at.page.keyboard.press('Escape')
    await at.page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  expect(await at.page.locator('img[src="x"], svg[onload]').count()).toBe(0)
})

describe('accessible, in both themes', () => {
  const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
  beforeAll(async () => {
    const { control, url } = on.server
    await control.ask('POST', '/api/credentials', { name: 'MISTRAL_API_KEY', value: 'sk-canary' })
    const { userId, key } = await control.newUser(null, 'crosser')
    const requests = { scope: { kind: 'user', id: userId }, metric: 'requests', window: { kind: 'lifetime' } }
    await control.limit({ ...requests, amount: 10, mode: 'soft', thresholds: [10] })
    await call(url, CHAT, key, chatCall())
  })
  test.each([
    ['light', false],
    ['dark', true],
  ])('%s', async (_name, dark) => {
    const one = await watchedPage(browser, on.server.url, dark)
    await one.page.goto(on.server.url)
    await one.page.getByRole('button', { name: 'Sign in' }).waitFor()
    const found = [...(await violations(one.page, axe))]
    await signIn(one.page, on.server.url, on.installation.adminSecret)
    for (const [path, role, name] of PAGES) {
      await one.page.goto(on.server.url + path)
      await one.page.getByRole(role, { name }).first().waitFor()
      found.push(...(await violations(one.page, axe)))
    }
    await one.page.goto(`${on.server.url}/users`)
    await one.page.getByRole('button', { name: 'Change the limit of ada' }).click()
    await one.page.getByRole('dialog').waitFor()
    found.push(...(await violations(one.page, axe)))
    expect(found).toEqual([])
    expect(one.complaints).toEqual([])
    await one.context.close()
  })
})

/** Every page, with the name of something that is there once it has its data. */
const PAGES: readonly (readonly [path: string, role: 'link' | 'button' | 'progressbar', name: RegExp])[] = [
  ['/', 'link', /how was this counted/],
  ['/users', 'button', /Change the limit of ada/],
  ['/users/ada', 'progressbar', /^Tokens of ada/],
  ['/requests', 'button', /how was this counted/],
  ['/requests?view=refusals', 'button', /why was this refused/],
  ['/limits', 'button', /Change the limit: Lifetime tokens of user ada/],
  ['/limits?view=test', 'button', /^Test$/],
  ['/alerts', 'link', /^crosser$/],
  ['/providers', 'button', /^Delete MISTRAL_API_KEY/],
]

async function violations(page: WatchedPage['page'], axe: string): Promise<string[]> {
  await page.evaluate(axe)
  const { violations: all } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  )
  return all
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}
interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

test('in all of this: no complaint on the console, no dialog, and no request to another origin', () => {
  expect(at.complaints).toEqual([])
})
