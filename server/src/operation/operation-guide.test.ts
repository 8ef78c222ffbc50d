import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCliEnvironment } from '../config/cli.ts'
import { readEnvironment } from '../config/env.ts'
import { ENTRY, openTestMetrics } from './events.test.fixture.ts'
import { CONNECTION_LIMITS } from './http-server.ts'

const guide = readFileSync(new URL('../../../docs/operation.md', import.meta.url), 'utf8')

/** The first column of all tables below a heading, without what is no code. */
function named(heading: string): string[] {
  const section = guide.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `([\w]+)` \|/gm)].map(([, name]) => name!)
}

/** The names of the variables that something asks the environment for. */
function askedFor(read: (environment: Record<string, string>) => unknown): string[] {
  const names = new Set<string>()
  const note = (name: string | symbol): undefined => {
    names.add(String(name))
  }
  read(
    new Proxy<Record<string, string>>(
      {},
      {
        get: (_none, name) => note(name),
        getOwnPropertyDescriptor: (_none, name) => note(name),
      },
    ),
  )
  return [...names]
}

test('the guide lists every variable that is read, and no other', () => {
  const read = new Set([...askedFor(readEnvironment), ...askedFor(readCliEnvironment)])
  expect(named('Environment').toSorted()).toEqual([...read].toSorted())
})

test('the guide lists every metric of ours, and no other', async () => {
  const metrics = openTestMetrics()
  metrics.ended(ENTRY)
  const { body } = await metrics.expose()
  const exposed = [...body.matchAll(/^# TYPE (token_trackr_\w+) /gm)].map(([, name]) => name!)
  expect(named('Metrics').toSorted()).toEqual(exposed.toSorted())
})

test('the guide says the defaults and limits that are so', () => {
  const configuration = readEnvironment({})
  const said = [
    ['HOST', configuration.host],
    ['PORT', configuration.port],
    ['TOKEN_TRACKR_DATA', configuration.dataFolder],
    ['TOKEN_TRACKR_CONFIG', configuration.configFolder],
    ['LOG_LEVEL', configuration.logLevel],
    ['TOKEN_TRACKR_STOP_MS', configuration.stopMs],
    ['TOKEN_TRACKR_DISCONNECT', configuration.disconnect],
    ['TOKEN_TRACKR_LEASE_MS', configuration.leaseMs],
  ]
  for (const [name, value] of said) expect(guide).toContain(`| \`${name}\` | \`${value}\` |`)
  const { headersMs, lookEveryMs, requestMs, keepAliveMs, unreadMs, headerBytes, connections } = CONNECTION_LIMITS
  expect([headersMs, lookEveryMs, keepAliveMs]).toEqual([10_000, 2_000, 75_000])
  expect([requestMs, unreadMs, headerBytes, connections]).toEqual([2 * 60_000, 5 * 60_000, 16 * 1024, 10_000])
})
