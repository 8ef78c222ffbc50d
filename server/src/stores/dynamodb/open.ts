import { setTimeout as delay } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { StoreUnavailable } from '../../core/errors.ts'
import type { AccountStore } from '../../core/ports/account-store.ts'
import type { DeliveryStore } from '../../core/ports/delivery-store.ts'
import type { LedgerStore } from '../../core/ports/ledger-store.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import { dynamoAccountStore } from './account-store.ts'
import { textOf, numberOf } from './attributes.ts'
import { planCommit } from './commit.ts'
import { clientOf, connect } from './connection.ts'
import { dynamoDeliveryStore } from './delivery-store.ts'
import { operationKey } from './keys.ts'
import { dynamoLedgerStore } from './ledger-store.ts'
import { dynamoReportStore } from './report-store.ts'
import { counterSeed } from './seed.ts'
import { createTables, tablesOf, tablesState } from './tables.ts'

/** Where a ledger lies on DynamoDB. */
export interface DynamoPlace {
  /** The users' table; everything else lies in `<table>-ledger`. */
  readonly table: string
  readonly region: string
  /** Undefined for Amazon's own. One of plain HTTP is DynamoDB Local, which needs no credentials. */
  readonly endpoint?: string
}

export interface DynamoOptions {
  /** Told the name of each step of each commit, for tests that crash there. */
  readonly crashPoint?: (name: string) => void
  /** One clock of all processes. Without it, each has its own, and leases are believed over a little later. */
  readonly nowMs?: () => number
  /** How long tables that are not there yet are waited for. */
  readonly waitMs?: number
}

export interface DynamoStores {
  readonly ledger: LedgerStore
  readonly accounts: AccountStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  /** Closes all of them, once; what is asked of them afterwards is refused. */
  close(): Promise<void>
}

/** How far the clocks of two machines may lie apart. */
export const CLOCKS_APART_MS = 2_000
/** A change of limits that nobody has finished for so long was left by a process that died. */
const FINISH_AFTER_MS = 10_000

/**
 * The ports on two tables of DynamoDB. On an endpoint of plain HTTP, which is for development, they are made where
 * they are missing. Rejects with StoreUnavailable, one line for people.
 */
export async function openDynamo(place: DynamoPlace, options: DynamoOptions = {}): Promise<DynamoStores> {
  const { crashPoint, nowMs = Date.now } = options
  const client = clientOf(place)
  const tables = tablesOf(place.table)
  try {
    await tablesReady(client, place, options.waitMs ?? 0)
  } catch (error) {
    client.destroy()
    throw error
  }
  const connection = connect(client, tables)
  const reached = (point: string) => crashPoint?.(point)
  const finish = counterSeed(connection, nowMs, reached)
  const marginMs = options.nowMs ? 0 : CLOCKS_APART_MS
  const close = async () => connection.close()

  async function finishOthers(olderThanMs: number): Promise<void> {
    for (const item of await connection.partition(operationKey('').pk))
      if (numberOf(item, 'at_ms') + olderThanMs <= nowMs()) await finish(textOf(item, 'sk'))
  }
  await finishOthers(-Infinity)
  return {
    ledger: dynamoLedgerStore({
      ...{ connection, nowMs, marginMs, reached, close },
      plans: planCommit(connection, nowMs, reached),
      finishOthers: () => finishOthers(FINISH_AFTER_MS),
    }),
    accounts: dynamoAccountStore({ connection, finish, reached }),
    reports: dynamoReportStore({ connection, nowMs, marginMs, close }),
    deliveries: dynamoDeliveryStore({ connection, nowMs, reached }),
    close,
  }
}

const LOOK_EVERY_MS = 500

/** Waits until the tables can be used, as long as is given. */
export async function tablesReady(client: DynamoDBClient, { table, endpoint }: DynamoPlace, waitMs: number) {
  const tables = tablesOf(table)
  for (const deadlineMs = performance.now() + waitMs; ; await delay(LOOK_EVERY_MS)) {
    const isLast = performance.now() >= deadlineMs
    try {
      let state = await tablesState(client, tables)
      if (state === 'missing' && endpoint?.startsWith('http:')) {
        await createTables(client, tables)
        state = 'ready'
      }
      if (state === 'ready') return
      if (isLast)
        throw new StoreUnavailable(
          `The tables ${tables.users} and ${tables.ledger} are ${state}. Make them with: token-trackr db init`,
        )
    } catch (error) {
      if (isLast) throw error
    }
  }
}
