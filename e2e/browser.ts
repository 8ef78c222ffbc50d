import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContext, chromium as engine, type Page } from 'playwright-core'

/** A quiet browser: no sandbox of its own where it runs as root, and no word to anybody but the page. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH
  const executablePath = own !== undefined && existsSync(own) ? own : await chromium.executablePath()
  return engine.launch({ executablePath, headless: true, args: FLAGS })
}

/** A page with everything that it should not have done. */
export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors and warnings on the console, uncaught exceptions, dialogs, and requests that left the origin. */
  readonly complaints: string[]
}

export async function watchedPage(browser: Browser, origin: string, dark = false): Promise<WatchedPage> {
  const context = await browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width: 1280, height: 900 },
    deviceScaleFactor: 2,
    // What fades in is not judged, and not photographed, half-way.
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Amsterdam',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:') && !url.startsWith('blob:'))
      complaints.push(`left the origin: ${url}`)
  })
  return { page, context, complaints }
}

/** Signs in as the administrator and waits until the page is live. */
export async function signIn(page: Page, origin: string, adminSecret: string): Promise<void> {
  await page.goto(`${origin}/`)
  await page.getByLabel('Administrator’s secret').fill(adminSecret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[data-live="live"]').waitFor()
}
