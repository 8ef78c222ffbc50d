import pg from 'pg'
import { newDatabase as newDatabaseAt } from '../../../../scripts/engines/postgres.ts'
import { postgresForTests } from '../../../../scripts/engines/shared.ts'
import type { OpenOptions, Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { openPostgres } from './open.ts'

const ENGINE = await postgresForTests()
/** Why there is nothing to test on; undefined where there is a PostgreSQL. */
export const MISSING = 'reason' in ENGINE ? ENGINE.reason : undefined
const SERVER = 'url' in ENGINE ? ENGINE.url : ''

/** Opens the database for the conformance suite, here or in another process. */
export function open(url: string, options: OpenOptions = {}): Promise<Stores> {
  return openPostgres(url, options)
}

/** A new, empty database with the schema. */
export async function newPlace(): Promise<Place> {
  const { url, drop } = await newDatabase()
  const opened: Stores[] = []
  return {
    async open(options) {
      const stores = await open(url, options)
      opened.push(stores)
      return stores
    },
    elsewhere: { module: import.meta.url, argument: url },
    async remove() {
      await Promise.all(opened.map((stores) => stores.close()))
      await drop()
    },
  }
}

/** A new database without anything in it. */
export function newDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  return newDatabaseAt(SERVER)
}

/** Asks with SQL, as people would. */
export async function askPlace({ elsewhere }: Place, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: 'argument' in elsewhere ? elsewhere.argument : '' })
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}
