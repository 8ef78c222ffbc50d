// `npm run screenshot`: takes the picture of the dashboard that the README shows, of a week of simulated calls.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { answering, HELLO_CHAT, HELLO_MESSAGE, holdingAfter } from './answers.ts'
import { openBrowser, signIn, watchedPage } from './browser.ts'
import { ROOT, stage } from './harness.ts'
import { randomFrom } from './random.ts'
import { call, CHAT, chatCall, MESSAGES, messagesCall } from './wire.ts'

const PEOPLE = [
  ['ada', 60_000],
  ['grace', 25_000],
  ['support-bot', 4_000_000],
  ['linus', 9_000],
  ['nightly-batch', null],
  ['search', 9_000_000],
] as const
const CALLS = 60
const DAYS = 14
const HOUR_MS = 3_600_000
/** What was used before today, from all over: most of it by day, some models more than others. */
const PAST = [
  ['claude-sonnet-4-5', 'anthropic', 2],
  ['gpt-4o', 'openai', 3],
  ['gpt-4o-mini', 'openai', 9],
  ['claude-haiku-4-5', 'anthropic', 5],
] as const

const on = await stage()
const random = randomFrom(7)
const keys: string[] = []
for (const [userId, tokenLimit] of PEOPLE) keys.push((await on.server.control.newUser(tokenLimit, userId)).key)
for (let hours = DAYS * 24; hours > 0; hours -= 1) {
  const at = new Date(Date.now() - hours * HOUR_MS)
  const awake = at.getUTCHours() > 6 && at.getUTCHours() < 20 ? (at.getUTCDay() % 6 === 0 ? 1 : 4) : 0
  for (let turn = 0; turn < awake; turn += 1) {
    const [model, provider, times] = random.from(PAST)
    const event = { prompt_tokens: 300 * times + random.below(900), completion_tokens: 40 * times + random.below(200) }
    const key = keys[random.from([2, 2, 4, 4, 4, 5])] as string
    await call(on.server.url, '/usage', key, { provider, model, timestamp: at, ...event })
  }
}
await on.server.control.limit({
  scope: { kind: 'tenant', id: 'default' },
  metric: 'costNanoUsd',
  window: { kind: 'calendar', unit: 'month', zone: 'Europe/Amsterdam' },
  amount: 4_000_000_000,
  mode: 'soft',
})
for (let turn = 0; turn < CALLS; turn += 1) {
  const output = 40 + random.below(700)
  const input = 120 + random.below(2_000)
  const cached = random.below(3) === 0 ? random.below(input) : 0
  const chat = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  }
  const message = { input_tokens: input, cache_read_input_tokens: cached, output_tokens: output }
  on.provider.always(answering({ ...HELLO_CHAT, usage: chat }, { ...HELLO_MESSAGE, usage: message }))
  const key = random.from(keys)
  const stream = random.below(2) === 0
  const prompt = { messages: [{ role: 'user', content: 'word '.repeat(input) }], max_tokens: 900, stream }
  if (random.below(3) === 0) await call(on.server.url, MESSAGES, key, messagesCall(prompt))
  else await call(on.server.url, CHAT, key, chatCall({ ...prompt, model: random.from(['gpt-4o', 'gpt-4o-mini']) }))
}
// One answer is still on its way, so that the picture shows what is held.
on.provider.always(holdingAfter(3))
const open = call(
  on.server.url,
  CHAT,
  keys[2] as string,
  chatCall({ model: 'gpt-4o', stream: true, max_tokens: 9_000 }),
)
await on.provider.until(() => on.provider.holding() === 1)

const browser = await openBrowser()
const { page } = await watchedPage(browser, on.server.url)
await signIn(page, on.server.url, on.installation.adminSecret)
await page.getByRole('button', { name: '7 d' }).click()
await page
  .getByRole('link', { name: /how was this counted/ })
  .first()
  .waitFor()
await page.mouse.move(0, 0)
mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true })
await page.screenshot({ path: join(ROOT, 'docs', 'images', 'dashboard.png') })
await browser.close()
on.provider.release()
await open
await on.close()
