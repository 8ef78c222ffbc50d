import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AccountStore } from '../core/ports/account-store.ts'
import { referenceStore } from '../stores/conformance/reference.ts'
import { openAccounts } from './accounts.ts'
import { openSecrets } from './secrets.ts'

/** The long way, by command: TT_TIMING=20000 npx vitest run server/src/accounts/guessing. */
const SAMPLES = Number(process.env['TT_TIMING'] ?? 0)

async function openWithKeys() {
  const store = referenceStore()
  const asked: string[] = []
  const accounts: AccountStore = {
    ...store.accounts,
    identity(hash) {
      asked.push(hash)
      return store.accounts.identity(hash)
    },
  }
  const secrets = openSecrets('an installation secret for tests')
  const opened = await openAccounts({ store: accounts, reports: store.reports, secrets, now: () => 0 })
  await opened.createUser('default', 'alice', null)
  const { secret } = await opened.createKey('default', 'alice', 'good')
  const revoked = await opened.createKey('default', 'alice', 'revoked')
  await opened.revokeKey('default', revoked.key.id)
  const last = secret.endsWith('A') ? 'B' : 'A'
  const wrong = {
    unknown: `tt_${createHash('sha256').update('x').digest('base64url')}`,
    'wrong in its last character': secret.slice(0, -1) + last,
    'wrong in its first character': `tt_${secret[3] === 'A' ? 'B' : 'A'}${secret.slice(4)}`,
    revoked: revoked.secret,
  }
  return { opened, asked, wrong, secret }
}

describe('S07: what is compared takes as long for a near miss as for anything', () => {
  test('S07: every wrong key goes the same way: hashed whole, asked for once by its hash, and answered alike', async () => {
    const { opened, asked, wrong } = await openWithKeys()
    const hashes: string[] = []
    for (const [what, key] of Object.entries(wrong)) {
      asked.length = 0
      expect([what, await opened.identify(key)]).toEqual([what, undefined])
      // A hash under a key of ours: whoever is a character off is as far off as anybody.
      expect([what, asked]).toEqual([what, [expect.stringMatching(/^[0-9a-f]{64}$/)]])
      hashes.push(asked[0]!)
    }
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('S07: secrets are compared as digests of one length, by timingSafeEqual alone', () => {
    const source = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
    expect(source('./secrets.ts')).toContain('return a.length === b.length && timingSafeEqual(a, b)')
    for (const name of ['./administrator.ts', './session.ts', './cursors.ts']) {
      expect([name, source(name).includes('secrets.matches(')]).toEqual([name, true])
      expect([
        name,
        /(presented|signature|secret|hash\w*) ===|=== (presented|signature|secret|hash)/.test(
          source(name).replaceAll(/secrets\.hash\([^)]*\)/g, ''),
        ),
      ]).toEqual([name, false])
    }
    const { hash, matches } = openSecrets('an installation secret for tests')
    for (const text of ['', 'x', 'x'.repeat(10_000), '\ud800']) expect(hash('administrator', text)).toHaveLength(64)
    expect(matches('administrator', 'x', hash('administrator', 'x'))).toBe(true)
    for (const other of ['', hash('administrator', 'y'), hash('session', 'x'), hash('administrator', 'x').slice(1)])
      expect(matches('administrator', 'x', other)).toBe(false)
  })

  test.skipIf(SAMPLES === 0)(
    'S07: by the clock, unknown, near and revoked keys cannot be told apart',
    { timeout: 600_000 },
    async () => {
      const { opened, wrong } = await openWithKeys()
      const timings = new Map(Object.keys(wrong).map((what) => [what, [] as number[]]))
      for (let n = 0; n < SAMPLES; n++)
        for (const [what, key] of Object.entries(wrong)) {
          const begin = process.hrtime.bigint()
          await opened.identify(key)
          timings.get(what)!.push(Number(process.hrtime.bigint() - begin))
        }
      const [unknown = [], ...others] = timings.values()
      // Welch's t; beyond 4.5 is what side-channel evaluations call a leak (ISO/IEC 17825).
      for (const other of others) expect(Math.abs(welch(trimmed(unknown), trimmed(other)))).toBeLessThan(4.5)
    },
  )
})

/** Without the slowest tenth, which is garbage collection and other people's work. */
function trimmed(samples: readonly number[]): number[] {
  return samples.toSorted((a, b) => a - b).slice(0, Math.floor(samples.length * 0.9))
}

function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const error = (values: readonly number[]) => {
    const middle = mean(values)
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1) / values.length
  }
  return (mean(a) - mean(b)) / Math.sqrt(error(a) + error(b))
}
