import { table } from './figures.ts'
import type { Api } from './gateways.ts'
import type { Caller } from './ledger-shape.ts'

const ZONE = 'Europe/Amsterdam'

/**
 * A new limit first counts what was used, and on SQLite nobody else commits meanwhile. One of each scope and window, with how
 * long that takes.
 */
export async function putLimits(api: Api, { userId, keyId }: Caller): Promise<void> {
  const scopes = [
    { kind: 'tenant', id: 'default' },
    { kind: 'provider', id: 'openai' },
    { kind: 'model', id: 'gpt-4o' },
    { kind: 'user', id: userId },
    { kind: 'key', id: keyId },
    { kind: 'label', id: 'team=books' },
  ]
  // The first commit waits until the disk has all that the loader left to it.
  await api('POST', '/api/users', { userId: 'somebody-new', tokenLimit: null })
  const rows = []
  for (const scope of scopes) {
    const tookMs = []
    for (const window of WINDOWS) {
      // The users of a filled ledger have a limit of their lifetime, of tokens.
      const metric = window.kind === 'lifetime' ? 'costNanoUsd' : 'tokens'
      const beganMs = performance.now()
      await api('POST', '/api/limits', { scope, metric, window, amount: 10 ** 15 })
      tookMs.push((performance.now() - beganMs).toFixed(0))
    }
    rows.push([scope.kind, ...tookMs])
  }
  console.log(`\nA new limit counts what was used: ms for each scope and window\n${table(HEAD, rows)}`)
}

const WINDOWS = [
  { kind: 'calendar', unit: 'month', zone: ZONE },
  { kind: 'calendar', unit: 'day', zone: ZONE },
  { kind: 'lifetime' },
  { kind: 'minute' },
] as const
const HEAD = ['scope', 'month', 'day', 'lifetime', 'minute']
