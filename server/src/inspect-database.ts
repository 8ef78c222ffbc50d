import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { nameOf } from './config/database.ts'
import type { Configuration } from './config/env.ts'
import { StoreUnavailable } from './core/errors.ts'
import { connectReadOnly } from './stores/sqlite/connection.ts'

/** Kinds of file systems (statfs(2), f_type) that do not keep what SQLite was told is written, and why. */
const UNSAFE: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'it is in memory (tmpfs), and lost with the machine'],
  [0x858458f6, 'it is in memory (ramfs), and lost with the machine'],
  [0x6969, 'it is on NFS, whose locks SQLite cannot rely on'],
  [0xff534d42, 'it is on a Windows share, whose locks SQLite cannot rely on'],
  [0x517b, 'it is on a Windows share, whose locks SQLite cannot rely on'],
])

/** Whether the database of a configuration keeps what was committed, without changing it. */
export async function inspectDatabase({
  database,
}: Pick<Configuration, 'database'>): Promise<{ file: string; problems: readonly string[] }> {
  if (database.engine === 'sqlite') return inspectFile(database.file)
  if (database.engine === 'dynamodb') {
    const { inspectDynamo } = await import('./stores/dynamodb/inspect.ts')
    return { file: nameOf(database), problems: await inspectDynamo(database) }
  }
  const { inspectPostgres } = await import('./stores/postgres/inspect.ts')
  return { file: nameOf(database), problems: await inspectPostgres(database.url) }
}

async function inspectFile(file: string): Promise<{ file: string; problems: readonly string[] }> {
  if (!existsSync(file)) throw new StoreUnavailable(`${file} is not there; the first start makes it.`)
  const problems: string[] = []
  const { type } = await statfs(dirname(file))
  const unsafe = UNSAFE.get(type)
  if (unsafe !== undefined) problems.push(unsafe)
  const journal = journalOf(file)
  // The server opens every connection with synchronous = FULL; this is what the file itself says.
  if (journal !== 'wal') problems.push(`its journal is ${journal}, not wal`)
  return { file, problems }
}

function journalOf(file: string): string {
  try {
    const database = connectReadOnly(file)
    try {
      return String(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'])
    } finally {
      database.close()
    }
  } catch (error) {
    throw new StoreUnavailable(`${file} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}
