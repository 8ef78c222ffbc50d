import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { OpenOptions, Place } from '../conformance/place.ts'
import type { Stores } from '../conformance/reference.ts'
import { openSqlite } from './open.ts'

/** Opens the file for the conformance suite, here or in another process. */
export function open(path: string, options: OpenOptions = {}): Stores {
  return openSqlite(path, options)
}

/** A new file in a folder of its own. */
export async function newPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-store-'))
  const path = join(folder, 'ledger.db')
  const opened: Stores[] = []
  return {
    async open(options) {
      const stores = open(path, options)
      opened.push(stores)
      return stores
    },
    elsewhere: { module: import.meta.url, argument: path },
    async remove() {
      await Promise.all(opened.map((stores) => stores.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Asks with SQL, as people would. */
export async function askPlace({ elsewhere }: Place, sql: string): Promise<readonly Record<string, unknown>[]> {
  const database = new DatabaseSync('argument' in elsewhere ? elsewhere.argument : '', { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}
