import { randomBytes } from 'node:crypto'
import { dynamoForTests } from '../../../../scripts/engines/shared.ts'
import type { OpenOptions, Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { clientOf } from './connection.ts'
import { type DynamoPlace, openDynamo } from './open.ts'
import { createTables, deleteTables, tablesOf } from './tables.ts'

const ENGINE = await dynamoForTests()
/** Why there is nothing to test on; undefined where there is a DynamoDB Local. */
export const MISSING = 'reason' in ENGINE ? ENGINE.reason : undefined
const ENDPOINT = 'url' in ENGINE ? ENGINE.url : ''

/** Opens the tables for the conformance suite, here or in another process. */
export function open(place: string, options: OpenOptions = {}): Promise<Stores> {
  // Every process has the clock of the same machine.
  return openDynamo(JSON.parse(place) as DynamoPlace, { nowMs: Date.now, ...options })
}

/** New, empty tables. */
export async function newPlace(): Promise<Place> {
  const place = { table: `tt-${randomBytes(8).toString('hex')}`, region: 'us-east-1', endpoint: ENDPOINT }
  const client = clientOf(place)
  const tables = tablesOf(place.table)
  // The clocks of tests stand still in some other year.
  await createTables(client, tables, { expires: false })
  const opened: Stores[] = []
  return {
    async open(options) {
      const stores = await open(JSON.stringify(place), options)
      opened.push(stores)
      return stores
    },
    elsewhere: { module: import.meta.url, argument: JSON.stringify(place) },
    async remove() {
      await Promise.all(opened.map((stores) => stores.close()))
      await deleteTables(client, tables)
      client.destroy()
    },
  }
}
