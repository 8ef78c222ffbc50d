import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Plan } from '../../core/plan.ts'
import {
  aHold,
  aLimit,
  aRefusal,
  countOf,
  counterAt,
  endOf,
  ingestOf,
  NOON_MS,
  reserveOf,
} from '../conformance/fixtures.ts'
import type { Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { planCommit } from './commit.ts'
import { connections, type Connections } from './connection.ts'
import { knownCommits } from './lost-answers.ts'
import { holdFrom } from '../rows/hold-row.ts'
import { transactions } from './transaction.ts'
import { MISSING, newPlace } from './place.ts'

const LIMIT = aLimit({ amount: 250n })
const COMMITTED = { kind: 'committed', seq: null }

describe.skipIf(MISSING)(MISSING ?? 'commits whose answer is lost', () => {
  let place: Place
  /** Sees the truth, on a way of its own. */
  let stores: Stores
  let gate: Awaited<ReturnType<typeof startGate>>
  let through: Connections
  beforeEach(async () => {
    place = await newPlace()
    stores = await place.open()
    const url = new URL('argument' in place.elsewhere ? place.elsewhere.argument : '')
    gate = await startGate(Number(url.port))
    url.port = String(gate.port)
    through = connections(url.href, { most: 2 })
  })
  afterEach(async () => {
    await gate.close()
    await through.close()
    await place.remove()
  })

  /** What a store has inside, on connections that a test can cut. */
  function commits(patienceMs: number) {
    const { send } = planCommit(through, transactions(through), () => NOON_MS)
    const hold = async (id: string) => {
      const [row] = await through.ask('SELECT * FROM holds WHERE hold_id = $1', [id])
      return row && holdFrom(row)
    }
    const { commit } = knownCommits(through, send, hold, patienceMs)
    return (...plans: Plan[]) => commit('writer-1', plans)
  }
  const reserve = (id: string) => reserveOf(aHold({ id }), [LIMIT])
  const told = (): Plan => ({
    ...{ tenantId: 'acme', adds: [], rollups: [] },
    refusals: { counts: [countOf(aRefusal(), 1)], samples: [] },
  })
  const refused = async () => {
    const [sum] = await stores.reports.refusalCounts('acme', { startMs: 0, endMs: NOON_MS })
    return sum?.count
  }
  const held = async () => (await stores.ledger.counter(counterAt(LIMIT), NOON_MS)).held

  test('an answer that is lost after the commit is found: sequences and refusals are as they were', async () => {
    const commit = commits(5_000)
    await commit(ingestOf({ id: 'before' }, undefined))
    gate.swallowNext('commit_plans')
    const plans: Plan[] = [
      reserve('one'),
      ingestOf({ id: 'event' }, undefined),
      told(),
      endOf(aHold({ id: 'nobody' })),
      reserve('two'),
      reserve('too much'),
      ingestOf({ id: 'next' }, undefined),
    ]
    expect(await commit(...plans)).toMatchObject([
      COMMITTED,
      { kind: 'committed', seq: 2 },
      COMMITTED,
      { kind: 'stale' },
      COMMITTED,
      { kind: 'missed', value: { held: 200n } },
      { kind: 'committed', seq: 3 },
    ])
    expect(gate.swallowed()).toBe(1)
    expect(await held()).toBe(200n)
    expect(await refused()).toBe(1)
  })

  test('a commit that never arrived is sent again, and the one that was only slow comes too late', async () => {
    const commit = commits(5_000)
    await commit(reserve('warm'))
    gate.delayNext('commit_plans')
    // What has no id of its own would be there twice, and nothing else would tell.
    expect(await commit(reserve('one'), told())).toEqual([COMMITTED, COMMITTED])
    expect([await held(), await refused()]).toEqual([200n, 1])
    await gate.deliver()
    expect([await held(), await refused()]).toEqual([200n, 1])
  })

  test('where nobody can be asked, it is refused; had it happened, its holds are taken back, and other plans get their answer', async () => {
    const commit = commits(50)
    await commit(reserve('warm'))
    const event = ingestOf({ id: 'event' }, undefined, [LIMIT])
    gate.swallowNext('commit_plans', { thenShut: true })
    const telling = told()
    await expect(commit(reserve('one'), event, telling)).rejects.toThrow(StoreUnavailable)
    expect(await held()).toBe(200n)
    await expect(commit(telling)).rejects.toThrow(StoreUnavailable)
    gate.open()
    // The ones that are brought again, as a queue does that never gives up.
    expect(await commit(event, telling)).toEqual([{ kind: 'committed', seq: 1 }, COMMITTED])
    expect(await stores.ledger.hold('one')).toBeUndefined()
    expect(await stores.ledger.counter(counterAt(LIMIT), NOON_MS)).toEqual({ settled: 30n, held: 100n })
    expect(await refused()).toBe(1)
    expect(await commit(reserve('one'))).toEqual([COMMITTED])
  })
})

/** A way to the database that can be shut, and on which bytes get lost. */
async function startGate(to: number) {
  const sockets = new Set<Socket>()
  let isShut = false
  let wanted: { readonly text: string; readonly how: 'swallow' | 'delay'; readonly thenShut: boolean } | undefined
  let swallowed = 0
  let late: (() => Promise<void>) | undefined

  const shut = () => {
    isShut = true
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    if (isShut) {
      client.destroy()
      return
    }
    const database = connect(to, '127.0.0.1')
    let doomed: typeof wanted
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('close', () => doomed?.how !== 'delay' && database.destroy())
    database.on('close', () => client.destroy())
    client.on('data', (bytes) => {
      if (!doomed && wanted && bytes.includes(wanted.text)) {
        doomed = wanted
        wanted = undefined
        if (doomed.how === 'delay') {
          late = async () => {
            database.write(bytes)
            await once(database, 'data')
            database.destroy()
          }
          client.destroy()
          return
        }
      }
      database.write(bytes)
    })
    database.on('data', (bytes) => {
      if (doomed === undefined) client.write(bytes)
      else if (doomed.how === 'swallow') {
        swallowed++
        client.destroy()
        if (doomed.thenShut) shut()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    swallowed: () => swallowed,
    swallowNext(text: string, { thenShut = false } = {}) {
      wanted = { text, how: 'swallow', thenShut }
    },
    delayNext(text: string) {
      wanted = { text, how: 'delay', thenShut: false }
    },
    deliver: () => late!(),
    open() {
      isShut = false
    },
    async close() {
      shut()
      server.close()
      await once(server, 'close')
    },
  }
}
