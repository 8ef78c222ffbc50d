import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newDatabase } from '../scripts/engines/postgres.ts'
import { dynamoForTests, postgresForTests } from '../scripts/engines/shared.ts'
import { answering } from './answers.ts'
import { newDynamoTables } from './databases.ts'
import { type FakeProvider, startFakeProvider } from './fake-provider.ts'
import { type Installation, newInstallation, ROOT, type Server } from './harness.ts'
import { SHORT_LEASE } from './kill-round.ts'
import { call, CHAT, chatCall, pool } from './wire.ts'

const GUIDE = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8')
const BLOCKS: string[][] = [...GUIDE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code!.trim().split('\n'))
const [NAMES, BESIDE, AGAIN, SECRET, START, LOOK, BACK, START_AGAIN] = BLOCKS
/** How often a command is tried that has to wait until leases have run out. */
const TRIES = 20

const postgres = await postgresForTests()
const dynamodb = await dynamoForTests()
const ENGINES = [
  { name: 'PostgreSQL', engine: postgres, place: async (address: string) => (await newDatabase(address)).url },
  { name: 'DynamoDB', engine: dynamodb, place: async (address: string) => newDynamoTables(address) },
]

describe.each(ENGINES)('from one machine to many, on $name', ({ engine, place }) => {
  const address = 'url' in engine ? engine.url : undefined
  let provider: FakeProvider
  beforeAll(async () => {
    provider = await startFakeProvider(answering())
  })
  afterAll(() => provider.close())

  test.skipIf(address === undefined)(
    'the guide works as it is printed: a ledger moves beside a server at work, then for good, and back; keys and limits go along',
    async () => {
      const house = newInstallation(provider, { DATABASE_URL: undefined, APP_SECRET_KEY: undefined, ...SHORT_LEASE })
      const dispatcher = pool()
      try {
        const guide = reader(house, await place(address!))
        const first = await house.start(guide.sqlite)
        const { userId, key } = await first.control.newUser(null)
        const scope = { kind: 'user', id: userId } as const
        await first.control.limit({ scope, window: { kind: 'lifetime' }, metric: 'requests', amount: 6 })
        const ask = async (server: Server) => (await call(server.url, CHAT, key, chatCall(), { dispatcher })).status
        guide.server = first
        expect([await ask(first), await ask(first)]).toEqual([200, 200])
        await guide.run(NAMES!)
        const [, beside] = await guide.run(BESIDE!)
        expect(JSON.parse(beside!)).toMatchObject({ ok: true, alive: 1 })
        expect(await ask(first)).toBe(200)
        await first.stop()
        const [again] = await guide.run(AGAIN!)
        const { moved } = JSON.parse(again!) as { moved: { part: string; rows: number }[] }
        expect(moved).toContainEqual(expect.objectContaining({ part: 'entries', rows: 1 }))
        await guide.run(SECRET!)
        expect(START).toEqual(['npx tt start'])
        const servers = [await house.start(await guide.exported()), await house.start(await guide.exported())]
        guide.server = servers[0]!
        expect([await ask(servers[0]!), await ask(servers[1]!), await ask(servers[0]!)]).toEqual([200, 200, 200])
        expect([await ask(servers[0]!), await ask(servers[1]!)]).toEqual([429, 429])
        await guide.run(LOOK!)
        await Promise.all(servers.map((server) => server.stop()))
        await guide.run(BACK!)
        expect(START_AGAIN).toEqual(START)
        const last = await house.start(await guide.exported())
        expect(await ask(last)).toBe(429)
        expect(await last.control.allEntries(userId)).toHaveLength(6)
      } finally {
        await dispatcher.close()
        await house.remove()
      }
    },
    180_000,
  )

  test.skipIf(address === undefined)(
    'F03: a copy that is killed with kill -9 is no ledger to any server, and goes on where it stopped',
    async () => {
      const house = newInstallation(provider, { DATABASE_URL: undefined, ...SHORT_LEASE })
      const dispatcher = pool()
      try {
        const guide = reader(house, await place(address!))
        const first = await house.start(guide.sqlite)
        const { userId, key } = await first.control.newUser(100_000)
        for (let calls = 0; calls < 3; calls++) await call(first.url, CHAT, key, chatCall(), { dispatcher })
        await first.stop()
        await guide.run(NAMES!)
        const [copy] = AGAIN!
        for (const point of [3, 6, 9]) {
          const killed = await guide.shell(copy!, { TT_CRASH_AT: String(point) })
          expect(killed.code, killed.output).not.toBe(0)
          await expect(house.start({ DATABASE_URL: guide.target })).rejects.toThrow(
            /is a copy of .* that was not finished/,
          )
        }
        await guide.run(AGAIN!)
        const server = await house.start({ DATABASE_URL: guide.target })
        expect(await server.control.allEntries(userId)).toHaveLength(3)
      } finally {
        await dispatcher.close()
        await house.remove()
      }
    },
    120_000,
  )
})

test('every command of the guide is run here, and every file that it links to is there', () => {
  expect(BLOCKS).toHaveLength(8)
  for (const [, link] of GUIDE.matchAll(/\]\(([^)#]+)\)/g))
    expect(() => readFileSync(join(ROOT, 'docs', link!))).not.toThrow(/ENOENT/)
})

/** Reads the guide as a person with a shell would: what it sets stays set for what comes after. */
function reader(house: Installation, target: string) {
  const before: string[] = []
  const here = (line: string) => line.replace(/^NEW=.*/, `NEW='${target}'`).replaceAll('.token-trackr', house.folder)
  const guide = {
    target,
    sqlite: { DATABASE_URL: `sqlite:${join(house.folder, 'ledger.db')}` },
    server: undefined as Server | undefined,
    async shell(line: string, more: NodeJS.ProcessEnv = {}) {
      const { DATABASE_URL: _database, APP_SECRET_KEY: _secret, ...outside } = process.env
      const env = {
        ...{ ...outside, TOKEN_TRACKR_DATA: house.folder, TOKEN_TRACKR_CONFIG: join(house.folder, 'config') },
        ...(guide.server && { TOKEN_TRACKR_URL: guide.server.url }),
        ...more,
      }
      const child = spawn('sh', ['-c', [...before, here(line)].join('\n')], { cwd: ROOT, env })
      let output = ''
      let errors = ''
      child.stdout.on('data', (text) => (output += String(text)))
      child.stderr.on('data', (text) => (errors += String(text)))
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, output, errors }
    },
    /** Runs lines until each has succeeded, and answers what they printed. */
    async run(lines: readonly string[]): Promise<string[]> {
      const outputs: string[] = []
      for (const line of lines) {
        if (/^(export )?[A-Z_]+=/.test(line)) {
          before.push(here(line))
          continue
        }
        let done = await guide.shell(line)
        for (let tries = 1; tries < TRIES && /leases have run out/.test(done.errors); tries++)
          done = await guide.shell(line)
        expect(done.code, `${line}\n${done.output}${done.errors}`).toBe(0)
        outputs.push(done.output)
      }
      return outputs
    },
    /** What the guide has exported so far, for a server. */
    async exported() {
      const { output } = await guide.shell('printf "%s\\n%s" "$DATABASE_URL" "$APP_SECRET_KEY"')
      const [DATABASE_URL, APP_SECRET_KEY] = output.split('\n')
      return { DATABASE_URL, APP_SECRET_KEY }
    },
  }
  return guide
}
