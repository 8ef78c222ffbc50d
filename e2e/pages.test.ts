import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dyingBeforeHeaders } from './answers.ts'
import { openBrowser, signIn, type WatchedPage, watchedPage } from './browser.ts'
import type { Server, Stage } from './harness.ts'
import { stage } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, CHAT_MODEL, chatCall, jsonOf } from './wire.ts'

const LONG = `a-user-${'with-a-name-that-never-ends-'.repeat(6)}`
const RIGHT_TO_LEFT = 'مستخدم עברית'
const PATHS = [
  '/',
  '/users',
  `/users/${LONG}`,
  '/requests',
  '/requests?view=refusals',
  '/limits',
  '/limits?view=test',
  '/alerts',
  '/providers',
]

let on: Stage
let browser: Browser
let ada: Awaited<ReturnType<Server['control']['newUser']>>
let at: WatchedPage
beforeAll(async () => {
  on = await stage()
  browser = await openBrowser()
  ada = await on.server.control.newUser(1_000_000, 'ada')
  await fill()
  at = await watchedPage(browser, on.server.url)
  await signIn(at.page, on.server.url, on.installation.adminSecret)
})
afterAll(async () => {
  await browser?.close()
  await on?.close()
})

/** Calls of several days and endings, names of every kind, and numbers from nothing to very many. */
async function fill() {
  const { control, url } = on.server
  for (let hours = 0; hours < 60; hours += 7)
    await ingest(ada.key, { prompt_tokens: 1_000 + hours, timestamp: new Date(Date.now() - hours * 3_600_000) })
  for (const userId of [LONG, RIGHT_TO_LEFT]) {
    const { key } = await control.newUser(5_000, userId)
    await ingest(key, { prompt_tokens: 1_000_000_000, model: 'a-model-nobody-has-priced' })
    await ingest(key, { prompt_tokens: 1, completion_tokens: 0 })
    expect((await call(url, CHAT, key, chatCall())).status).toBe(429)
  }
  await call(url, CHAT, ada.key, chatCall())
  on.provider.next(dyingBeforeHeaders)
  await call(url, CHAT, ada.key, chatCall())
}

async function ingest(key: string, more: object): Promise<void> {
  const event = { provider: 'openai', model: 'gpt-4o', prompt_tokens: 0, completion_tokens: 10, ...more }
  expect((await call(on.server.url, '/usage', key, event)).status).toBe(201)
}

const visit = (page: Page, path: string) => page.goto(on.server.url + path)

test('U02: usage is seen within five seconds where the stream of hints is blocked too', async () => {
  const { page, context } = await watchedPage(browser, on.server.url)
  await page.route('**/api/live', (route) => route.abort())
  await page.goto(on.server.url)
  await page.getByLabel('Administrator’s secret').fill(on.installation.adminSecret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const { userId, key } = await on.server.control.newUser(1_000)
  await visit(page, `/users/${userId}`)
  await page.getByText('1,000 left').waitFor()
  await call(on.server.url, CHAT, key, chatCall())
  await page.getByText('971 left').waitFor({ timeout: 5_000 })
  await context.close()
})

test('U03: after fast changes of the filter with slow answers, the view is that of the last one', async () => {
  const { page, context } = await watchedPage(browser, on.server.url)
  await signIn(page, on.server.url, on.installation.adminSecret)
  await visit(page, '/requests')
  const rows = page.getByRole('table', { name: 'Calls' }).getByRole('row').filter({ hasText: 'ada' })
  await rows.first().waitFor()
  const random = randomFrom(3)
  await page.route('**/api/entries?*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, random.below(900)))
    await route.continue().catch(() => undefined)
  })
  const outcome = page.getByLabel('Outcome', { exact: true })
  for (let turn = 0; turn < 10; turn += 1) await outcome.selectOption(turn % 2 ? 'upstream_error' : 'completed')
  await page.waitForResponse((answer) => answer.url().includes('outcome=upstream_error'))
  // Whatever would still arrive has had its time.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const shown = await rows.allInnerTexts()
  expect(shown.length).toBeGreaterThan(0)
  expect(shown.filter((text) => !text.includes('Upstream error'))).toEqual([])
  expect(new URL(page.url()).searchParams.get('outcome')).toBe('upstream_error')
  await context.close()
})

test('U04: by keyboard alone: a user, a key, a limit that stops a call, and raising it', async () => {
  const { page } = at
  await visit(page, '/')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('u')
  await page.getByRole('button', { name: 'Create user' }).waitFor()
  await tabTo(page, 'Create user')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('kay')
  await tabTo(page, 'Token limit')
  await page.keyboard.type('10')
  await page.keyboard.press('Enter')
  const key = await page.getByRole('textbox', { name: 'New key' }).innerText()
  await tabTo(page, 'Done')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(429)
  await tabTo(page, 'kay')
  await page.keyboard.press('Enter')
  await page.getByText('Last refusals').waitFor()
  await page.getByRole('link', { name: /Limit reached|Unbounded/ }).waitFor()
  await tabTo(page, 'Adjust limit')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('50k')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
})

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null
      return [element?.ariaLabel, element?.labels?.[0]?.textContent, element?.textContent].map((text) => text?.trim())
    })
    if (focused.includes(name)) return
  }
  throw new Error(`Tab does not come to ${name}`)
}

test('a limit made in the page is the one that refuses, and the simulator foresees it', async () => {
  const { page } = at
  const { userId, key } = await on.server.control.newUser(null)
  await visit(page, '/limits')
  await page.getByRole('button', { name: 'Create limit' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User', { exact: true }).fill(userId)
  await dialog.getByLabel('What it counts').selectOption('requests')
  await dialog.getByLabel('Window').selectOption('day')
  await dialog.getByLabel('Amount').fill('1')
  await dialog.getByRole('button', { name: 'Create limit' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Test a call' }).click()
  await ask(page, userId)
  await page.getByText('It would pass.').waitFor()
  expect((await call(on.server.url, CHAT, key, chatCall())).status).toBe(200)
  await ask(page, userId)
  await page.getByText('It would be refused.').waitFor()
  const refused = await call(on.server.url, CHAT, key, chatCall())
  expect([refused.status, jsonOf(refused).error.code]).toEqual([429, 'limit_reached'])
})

test('a credential is kept, replaced and deleted in the page, and is nowhere to be seen again', async () => {
  const { page } = at
  const value = 'sk-canary-of-a-page-5d0e'
  const kept = async () => (await on.server.control.ask('GET', '/api/credentials')).body.credentials
  await visit(page, '/providers')
  await page.getByRole('button', { name: 'Keep a credential' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('MISTRAL_API_KEY')
  await page.getByRole('dialog').getByLabel('Credential', { exact: true }).fill(` ${value}\n`)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const [first] = await kept()
  expect(first.name).toBe('MISTRAL_API_KEY')
  await page.getByRole('button', { name: 'Replace MISTRAL_API_KEY' }).click()
  await page.getByRole('dialog').getByLabel('Credential', { exact: true }).fill(`${value}-2`)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect((await kept())[0].putAt).not.toBe(first.putAt)
  expect(await page.content()).not.toContain(value)
  await page.getByRole('button', { name: 'Delete MISTRAL_API_KEY' }).click()
  await page.getByRole('button', { name: 'Delete now' }).click()
  await page.getByText('None: providers are called').waitFor()
  expect(await kept()).toEqual([])
})

async function ask(page: Page, userId: string): Promise<void> {
  await page.getByLabel('User', { exact: true }).fill(userId)
  await page.getByLabel('Model', { exact: true }).fill(CHAT_MODEL)
  await page.getByRole('button', { name: 'Test', exact: true }).click()
}

test('U07: one range has the same totals on the cards, in the chart, over the requests, and in the command line', async () => {
  const { page } = at
  await visit(page, '/?range=7d')
  const card = (title: string) => page.getByRole('heading', { name: title, exact: true }).locator('xpath=../..')
  const link = await rangeOf(page)
  const { body: summary } = await on.server.control.ask('GET', `/api/summary?${link}`)
  const tokens = summary.totalTokens.toLocaleString('en-US')
  await page.getByRole('button', { name: 'Tokens', exact: true }).click()
  await page.getByRole('button', { name: 'View as table' }).click()
  const table = page.getByRole('region', { name: /as a table/ })
  expect(await table.locator('tfoot td').last().innerText()).toBe(tokens)
  expect(await card('Tokens').innerText()).toContain('2.00B')
  expect(
    await card('Tokens')
      .getByLabel(/exactly/)
      .first()
      .getAttribute('aria-label'),
  ).toContain(tokens)
  expect(await card('Requests').innerText()).toContain(`\n${summary.requests}\n`)
  await page.getByRole('link', { name: 'Requests', exact: true }).click()
  const sums = page.getByRole('note', { name: 'Sums of the range' })
  await sums.getByText(`${summary.requests} requests`).waitFor()
  expect(
    await sums
      .getByLabel(/exactly/)
      .first()
      .getAttribute('aria-label'),
  ).toContain(tokens)
  const { from, to, zone } = Object.fromEntries(new URLSearchParams(link)) as Record<string, string>
  const { output } = await on.installation.tt('usage', '--json', '--since', from!, '--until', to!, '--zone', zone!)
  const said = JSON.parse(output.slice(output.indexOf('{')))
  expect([said.totalTokens, said.requests, said.costNanoUsd]).toEqual([
    summary.totalTokens,
    summary.requests,
    summary.costNanoUsd,
  ])
})

/** What a copied link says the range is. */
async function rangeOf(page: Page): Promise<string> {
  const { searchParams } = new URL(await copiedLink(page))
  const names = ['from', 'to', 'zone']
  return new URLSearchParams(names.map((name) => [name, searchParams.get(name) ?? ''])).toString()
}

async function copiedLink(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy a link to exactly this view' }).click()
  await page.getByText('Copied a link to this view').waitFor({ state: 'attached' })
  return page.evaluate(() => navigator.clipboard.readText())
}

test('U09: a copied link shows the same view to somebody else, in another zone', async () => {
  const { page } = at
  await visit(page, '/?range=7d&measure=tokens')
  await page.getByRole('button', { name: 'View as table' }).waitFor()
  const link = await copiedLink(page)
  const shown = await viewOf(page)
  const context = await browser.newContext({
    timezoneId: 'Asia/Tokyo',
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
  })
  const other = await context.newPage()
  await signIn(other, on.server.url, on.installation.adminSecret)
  await other.goto(link)
  await other.getByRole('button', { name: 'View as table' }).waitFor()
  expect(await viewOf(other)).toEqual(shown)
  await visit(other, '/requests?user=ada&outcome=completed')
  await other.getByRole('button', { name: 'Clear the filter user ada' }).waitFor()
  await context.close()
})

/** What the chart and the first card say. */
async function viewOf(page: Page): Promise<readonly (string | null)[]> {
  const bars = await page
    .locator('[data-bucket]')
    .evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label')))
  const spend = page.getByRole('heading', { name: 'Spend', exact: true }).locator('xpath=../..')
  return [(await spend.innerText()).split('\n')[0] ?? null, ...bars]
}

test.each([320, 768, 1280, 1920])(
  'U08: at %i px nothing runs out of any page, whatever the names and numbers',
  async (width) => {
    const { page } = at
    await page.setViewportSize({ width, height: 900 })
    const wide: string[] = []
    for (const path of PATHS) {
      await visit(page, path)
      await page.locator('main h1').waitFor()
      await page.waitForLoadState('networkidle').catch(() => undefined)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (over > 0) wide.push(`${path}: ${over} px`)
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    expect(wide).toEqual([])
  },
)

/** The long way, by command: TT_ROWS=100000 npx vitest run pages -t U05. */
const ROWS = Number(process.env['TT_ROWS'] ?? 70)

test('U05: of many calls at most a page of rows is in the document', { timeout: 60_000 + 20 * ROWS }, async () => {
  const { page } = at
  for (let row = 0; row < ROWS; row += 70)
    await Promise.all(Array.from({ length: Math.min(70, ROWS - row) }, () => ingest(ada.key, { prompt_tokens: 5 })))
  await visit(page, '/requests?user=ada')
  await page.getByRole('button', { name: 'Older' }).waitFor()
  const rows = page.locator('.calls-table tbody tr')
  const newest = await rows.first().innerText()
  expect(await rows.count()).toBe(50)
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByRole('button', { name: 'Newest' }).waitFor()
  expect(await rows.count()).toBeLessThanOrEqual(50)
  await page.getByRole('button', { name: 'Newer', exact: true }).click()
  await page.getByRole('button', { name: 'Newest' }).waitFor({ state: 'hidden' })
  expect(await rows.first().innerText()).toBe(newest)
})

test('U10: in all of this nothing complained: no console, no policy, no other origin', () => {
  expect(at.complaints).toEqual([])
})

test('U06: where the server dies the page says so within five seconds, keeps what it knows, and comes back', async () => {
  const { page, context } = await watchedPage(browser, on.server.url)
  await signIn(page, on.server.url, on.installation.adminSecret)
  await visit(page, '/users/ada')
  await page
    .getByRole('link', { name: /how was this counted/ })
    .first()
    .waitFor()
  await page.getByText(/^tt_…/).waitFor()
  const { port } = new URL(on.server.url)
  await on.server.kill()
  await page.getByText('The page comes back by itself.').waitFor({ timeout: 5_000 })
  expect(await page.getByRole('heading', { name: 'ada' }).isVisible()).toBe(true)
  await page
    .getByText(/^as of \d\d:\d\d:\d\d$/)
    .first()
    .waitFor()
  await on.installation.start({ PORT: port })
  await page.locator('[data-live="live"]').waitFor({ timeout: 10_000 })
  await page.getByText('The page comes back by itself.').waitFor({ state: 'hidden' })
  await context.close()
})
