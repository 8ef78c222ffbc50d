import { table } from './figures.ts'
import type { Api } from './gateways.ts'
import { type Caller, MODELS } from './ledger-shape.ts'

const ZONE = 'Europe/Amsterdam'
const [[PROVIDER, MODEL]] = MODELS as [(typeof MODELS)[number]]

/**
 * A new limit first counts what was used. One of each scope and window, with how long that takes, and how long the
 * slowest of the commits waited that were asked for meanwhile, one after another, of the same process.
 */
export async function putLimits(api: Api, url: string, { userId, keyId }: Caller): Promise<void> {
  const scopes = [
    { kind: 'tenant', id: 'default' },
    { kind: 'provider', id: 'openai' },
    { kind: 'model', id: 'gpt-4o' },
    { kind: 'user', id: userId },
    { kind: 'key', id: keyId },
    { kind: 'label', id: 'team=books' },
  ]
  const { key } = (await api('POST', '/api/keys', { userId })) as { key: string }
  // The first commits wait until the disk has all that the loader left to it.
  for (let times = 0; times < COMMITS_BEFORE; times++) await commit(url, key)
  const rows = []
  for (const scope of scopes) {
    const tookMs = []
    for (const window of WINDOWS) {
      // The users of a filled ledger have a limit of their lifetime, of tokens.
      const metric = window.kind === 'lifetime' ? 'costNanoUsd' : 'tokens'
      const beganMs = performance.now()
      const putting = { isOver: false }
      const put = api('POST', '/api/limits', { scope, metric, window, amount: 10 ** 15 }).finally(() => {
        putting.isOver = true
      })
      const waitedMs = await slowestCommit(url, key, putting)
      await put
      tookMs.push(`${(performance.now() - beganMs).toFixed(0)} (${waitedMs.toFixed(0)})`)
    }
    rows.push([scope.kind, ...tookMs])
  }
  console.log(
    `\nA new limit counts what was used: ms for each scope and window (the slowest commit meanwhile)\n${table(HEAD, rows)}`,
  )
}

async function slowestCommit(url: string, key: string, until: { readonly isOver: boolean }): Promise<number> {
  let slowestMs = 0
  while (!until.isOver) {
    const beganMs = performance.now()
    await commit(url, key)
    slowestMs = Math.max(slowestMs, performance.now() - beganMs)
  }
  return slowestMs
}

async function commit(url: string, key: string): Promise<void> {
  const response = await fetch(`${url}/usage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ provider: PROVIDER, model: MODEL, prompt_tokens: 1, completion_tokens: 1 }),
  })
  if (response.status !== 201) throw new Error(`POST /usage: ${response.status} ${await response.text()}`)
}

const COMMITS_BEFORE = 50
const WINDOWS = [
  { kind: 'calendar', unit: 'month', zone: ZONE },
  { kind: 'calendar', unit: 'day', zone: ZONE },
  { kind: 'lifetime' },
  { kind: 'minute' },
] as const
const HEAD = ['scope', 'month', 'day', 'lifetime', 'minute']
