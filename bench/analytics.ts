import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Price } from '../server/src/core/price.ts'
import { databaseFrom } from '../server/src/config/database.ts'
import { openStores } from '../server/src/open-stores.ts'
import { verify } from '../server/src/ledger/verify.ts'
import { type Question, dashboardQuestions } from './dashboard-questions.ts'
import { missing, startEngine } from './databases.ts'
import { quantile, table, whole } from './figures.ts'
import { fill } from './filling.ts'
import { fillBeside } from './filling-beside.ts'
import { type FilledLedger, leaveIn, leftIn } from './filled-ledger.ts'
import { type Api, controlPlane, type Gateway, newInstallation, startGateway } from './gateways.ts'
import { type Caller, MODELS, slotsOf, templates } from './ledger-shape.ts'
import { openLoader } from './loaders.ts'
import { describeMachine, readMachine, readProcess } from './machine.ts'
import { putLimits } from './new-limits.ts'
import { positive } from './options.ts'
import { stop } from './processes.ts'

/**
 * `npm run analytics -- [--entries 10000000] [--engine sqlite|postgres] [--users 1000] [--days 90] [--times 30] [--minutes 30]
 * [--folder <where there is room>] [--kept <folder>] [--only <part of a question's name>] [--later <hours>] [--verify]`
 *
 * With `--later`, entries were told so many hours after they happened, as by somebody who sends them once a day.
 */

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '10000000' },
    engine: { type: 'string', default: 'sqlite' },
    users: { type: 'string', default: '1000' },
    days: { type: 'string', default: '90' },
    times: { type: 'string', default: '30' },
    minutes: { type: 'string', default: '30' },
    folder: { type: 'string' },
    kept: { type: 'string' },
    only: { type: 'string', default: '' },
    later: { type: 'string' },
    verify: { type: 'boolean', default: false },
  },
})
const entries = positive('entries', values.entries)
const times = positive('times', values.times)
const AIM_MS = 100
/** A question that is this slow needs no many repetitions to be known as slow. */
const MOST_MS_PER_QUESTION = 10_000
const LONG_AGO_MS = 400 * 86_400_000

if (values.engine !== 'sqlite' && values.engine !== 'postgres')
  throw new Error(`--engine is sqlite or postgres, not ${values.engine}`)
const reason = missing(values.engine)
if (reason !== undefined) {
  console.log(`skipped: ${reason}`)
  process.exit(0)
}

const startedMs = performance.now()
const late = setTimeout(
  () => {
    console.error(`--minutes ${values.minutes} are over; what was measured until then stands above`)
    process.exit(1)
  },
  positive('minutes', values.minutes) * 60_000,
)
const kept = values.kept === undefined ? undefined : resolve(values.kept)
const left = leftIn(kept)
const engine = await startEngine(values.engine, values.folder, kept)
let gateway: Gateway | undefined
try {
  const ledger = left ?? (await newLedger())
  const { installation, callers, endMs } = ledger
  if (values.verify) await verified(installation.databaseUrl)
  gateway = await startGateway(installation)
  const api = controlPlane(gateway.url, installation.administrator)
  if (!left) await putLimits(api, gateway.url, callers[0]!)
  leaveIn(kept, ledger)
  await measureAll(api, callers, endMs)
} finally {
  clearTimeout(late)
  if (gateway) await stop(gateway.child)
  await engine.stop()
}

async function newLedger(): Promise<FilledLedger> {
  const installation = newInstallation(await engine.newUrl())
  gateway = await startGateway(installation)
  const callers = await makeCallers(controlPlane(gateway.url, installation.administrator), gateway.url)
  await stop(gateway.child)
  const endMs = Date.now()
  await filled(installation.databaseUrl, callers, endMs)
  return { installation, callers, endMs }
}

/** Users with a key each, and one ingested event of each model, so that the ledger knows its price. */
async function makeCallers(api: Api, address: string): Promise<Caller[]> {
  const callers: Caller[] = []
  let key = ''
  for (let at = 0; at < positive('users', values.users); at++) {
    const userId = `user-${String(at).padStart(5, '0')}`
    await api('POST', '/api/users', { userId, tokenLimit: at % 3 === 0 ? null : 10 ** 12 })
    const made = (await api('POST', '/api/keys', { userId })) as { keyId: string; key: string }
    key ||= made.key
    callers.push({ userId, keyId: made.keyId })
  }
  const timestamp = new Date(Date.now() - LONG_AGO_MS).toISOString()
  for (const [provider, model] of MODELS) {
    const response = await fetch(`${address}/usage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ provider, model, prompt_tokens: 1, completion_tokens: 1, timestamp }),
    })
    if (response.status !== 201) throw new Error(`POST /usage: ${response.status} ${await response.text()}`)
  }
  return callers
}

async function filled(url: string, callers: readonly Caller[], endMs: number): Promise<void> {
  const kinds = templates(callers, await prices(url))
  const loader = await openLoader(url)
  const laterMs = values.later === undefined ? 0 : positive('later', values.later) * 3_600_000
  // Nothing is told before it has come.
  const slots = slotsOf(entries, positive('days', values.days), endMs - laterMs)
  const beganMs = performance.now()
  await fill(loader, { kinds, slots, laterMs }, (there) =>
    process.stderr.write(`\r${whole(there)} entries, ${perSecond(there, beganMs)}`),
  )
  await fillBeside(loader, callers, slots)
  const [counted] = await loader.rows(`SELECT (SELECT count(*) FROM entries) AS entries,
    (SELECT count(*) FROM rollups) AS cells, (SELECT count(*) FROM refusals) AS refusals`)
  await loader.close()
  process.stderr.write('\r')
  const { entries: rows, cells, refusals } = counted as Record<string, number>
  console.log(
    `${values.engine}: ${whole(Number(rows))} entries with indexes in ${whole((performance.now() - beganMs) / 1000)} s (${perSecond(entries, beganMs)}); ${whole(Number(cells))} cells of rollups, ${whole(Number(refusals))} refusals`,
  )
}

async function prices(url: string): Promise<ReadonlyMap<string, Price>> {
  const stores = await openStores(databaseFrom(url, ''))
  const known = new Map<string, Price>()
  try {
    for (const { model, priceVersion } of await stores.reports.entries({ tenantId: 'default', limit: 200 })) {
      const price = priceVersion === null ? undefined : await stores.reports.price(priceVersion)
      if (price) known.set(model, price)
    }
    return known
  } finally {
    await stores.close()
  }
}

async function verified(url: string): Promise<void> {
  const stores = await openStores(databaseFrom(url, ''))
  try {
    for (const { name, ok, detail } of await verify(stores.reports))
      console.log(`${ok ? 'ok' : 'WRONG'}  ${name}: ${detail}`)
  } finally {
    await stores.close()
  }
}

async function measureAll(api: Api, callers: readonly Caller[], endMs: number): Promise<void> {
  const cursors = new Map<string, string>()
  const questions = dashboardQuestions(callers, endMs, (path) => cursors.get(path) ?? '').filter(({ name }) =>
    name.includes(values.only),
  )
  for (const path of ['/api/users?limit=200', '/api/entries?limit=50', '/api/refusals?limit=50'])
    cursors.set(path, ((await api('GET', path)) as { nextCursor: string | null }).nextCursor ?? '')
  const before = readMachine()
  const beganMs = performance.now()
  const own = () => process.cpuUsage().user / 1e6 + readProcess(gateway?.child.pid).cpuSeconds + engine.usedSeconds()
  const ownBefore = own()
  const figures = []
  for (const question of questions) figures.push(await measured(api, question))
  const seconds = (performance.now() - beganMs) / 1000
  const after = readMachine()
  const others = (after.busySeconds - before.busySeconds - (own() - ownBefore)) / seconds
  const rows = figures.map(({ name, p50Ms, p95Ms, asked }) => [
    name,
    ...[p50Ms.toFixed(1), p95Ms.toFixed(1), whole(asked), p95Ms > AIM_MS ? 'SLOW' : ''],
  ])
  console.log(`\n${describeMachine()}; other processes took ${Math.round(others * 100)} % of a core`)
  console.log(table(['question', 'p50 ms', 'p95 ms', 'times', ''], rows))
  const slow = figures.filter(({ p95Ms }) => p95Ms > AIM_MS).map(({ name }) => name)
  console.log(
    `\n${slow.length === 0 ? `All have a p95 below ${AIM_MS} ms.` : `Above ${AIM_MS} ms at p95: ${slow.join('; ')}.`}`,
  )
  console.log(`The whole took ${whole((performance.now() - startedMs) / 1000)} s.\n`)
  console.log(
    JSON.stringify({ engine: values.engine, entries, machine: describeMachine(), othersBusy: others, figures }),
  )
}

/** Each turn is one page of a person: what it asks at once, it waits for together. */
async function measured(api: Api, { name, paths }: Question) {
  const timesMs: number[] = []
  const beganMs = performance.now()
  // The first fills the caches, as the second look of a person finds them.
  for (let turn = 0; turn <= times; turn++) {
    const startMs = performance.now()
    await Promise.all(paths(turn).map((path) => api('GET', path)))
    if (turn > 0) timesMs.push(performance.now() - startMs)
    if (turn > 1 && performance.now() - beganMs > MOST_MS_PER_QUESTION) break
  }
  const sorted = timesMs.toSorted((a, b) => a - b)
  process.stderr.write(`${name}: ${quantile(sorted, 0.5).toFixed(1)} ms\n`)
  return { name, p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), asked: sorted.length }
}

function perSecond(count: number, sinceMs: number): string {
  return `${whole((count * 1000) / (performance.now() - sinceMs))} a second`
}
