import { Failure } from './failure.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { World } from './world.ts'

const PATIENCE_MS = 5_000
const MOST_SKEW_MS = 2_000

/** Whether a server answers where the command line looks for one, and how it is. */
export async function serverFindings({ client, configuration: { url } }: World): Promise<Finding[]> {
  if (url === undefined)
    return [
      fail('server', 'TOKEN_TRACKR_URL is no http or https URL', 'set it to the address of the server, or unset it'),
    ]
  const asked = Date.now()
  const health = await get(url, '/api/health')
  if (health === undefined)
    return [fail('server', `nothing answers at ${url}`, 'start it: token-trackr start; or set TOKEN_TRACKR_URL')]
  if (!isHealth(health.json))
    return [
      fail('server', `what answers at ${url} is not Token Trackr`, 'start on another PORT, or set TOKEN_TRACKR_URL'),
    ]
  return [
    ok('server', `${url} answers, version ${health.json.version}`),
    await readiness(url),
    clock(health.headers.get('date'), asked),
    await secretFinding(client),
    ...(await spoolFindings(client)),
    await dashboard(url),
  ]
}

async function readiness(url: string): Promise<Finding> {
  const ready = await get(url, '/api/ready')
  if (ready?.status === 200) return ok('ready', 'calls are taken')
  const { error } = (ready?.json ?? {}) as { error?: { message?: string } }
  return fail('ready', error?.message ?? 'it does not answer', 'see the log of the server; is its disk full?')
}

/** Windows of limits and times of entries go by the server's clock. */
function clock(date: string | null, askedMs: number): Finding {
  const serverMs = Date.parse(date ?? '')
  // The header has whole seconds.
  const skewMs = Number.isNaN(serverMs) ? 0 : Math.max(askedMs - 1_000 - serverMs, serverMs - Date.now(), 0)
  if (skewMs > MOST_SKEW_MS)
    return warn('clock', `the server's clock is ${Math.round(skewMs / 1000)} s from the one here`, 'set both by NTP')
  return ok('clock', 'the clocks here and at the server agree')
}

async function secretFinding(client: World['client']): Promise<Finding> {
  try {
    await client.request('GET', '/api/session')
    return ok('secret', "the server knows the administrator's secret that is used here")
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return fail(
      'secret',
      "the administrator's secret is missing or wrong",
      'set TOKEN_TRACKR_SECRET to the one of the first start',
    )
  }
}

/** What it knows of its ledger is for the administrator alone. */
async function spoolFindings(client: World['client']): Promise<Finding[]> {
  try {
    const { ledger } = await client.request<{ ledger: { spooledCalls: number } }>('GET', '/api/providers')
    if (ledger.spooledCalls === 0) return [ok('spool', 'no call went without the ledger that is not in it')]
    const went = `${ledger.spooledCalls} calls went without the ledger and are not in it yet`
    return [warn('spool', went, 'they are booked by themselves: see that the database can be reached')]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return []
  }
}

async function dashboard(url: string): Promise<Finding> {
  const page = await get(url, '/')
  if (page?.status === 200) return ok('dashboard', `${url}/ shows it`)
  return warn('dashboard', 'it is not built', 'start the server with npm start, which builds it')
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

/** Asks without any secret. Undefined where nobody answers. */
async function get(url: string, path: string): Promise<Answer | undefined> {
  try {
    const headers = { accept: path === '/' ? 'text/html' : 'application/json' }
    const answer = await fetch(url + path, { headers, redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, json: parsed(text) }
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isHealth(json: unknown): json is { readonly version: string } {
  return typeof json === 'object' && json !== null && 'version' in json && typeof json.version === 'string'
}
