import { closeSync, fdatasync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** Makes the log durable beside the event loop: a flush within a commit holds everything up for as long as the disk takes. */
export interface LogFlushes {
  /**
   * Resolves when whatever was committed before is durable, by this process or another. Those who ask while a flush is
   * under way share the next one.
   */
  flushed(): Promise<void>
  /** Waits for what is under way. */
  close(): Promise<void>
}

export type Datasync = (file: number, done: (error: Error | null) => void) => void

/**
 * From here on, commits through this connection only write. In order they still come: SQLite flushes the log's head before
 * it begins anew, and the log before it is copied into the file (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export function logFlushes(path: string, database: DatabaseSync, datasync: Datasync = fdatasync): LogFlushes {
  database.exec('PRAGMA synchronous = NORMAL')
  // It stays there while anybody has the database open. Windows flushes only what it could write.
  const log = openSync(`${path}-wal`, 'r+')
  let underWay: Promise<void> | undefined
  let next: Promise<void> | undefined

  function flush(): Promise<void> {
    return (underWay = new Promise((resolve) => {
      datasync(log, (error) => {
        if (error) throw new Error(`${LOST} (${error.message})`, { cause: error })
        underWay = undefined
        resolve()
      })
    }))
  }

  function flushNext(): Promise<void> {
    next = undefined
    return flush()
  }

  return {
    flushed: () => (underWay ? (next ??= underWay.then(flushNext)) : flush()),
    async close() {
      await (next ?? underWay)
      closeSync(log)
    },
  }
}

/**
 * Thrown where nobody can catch it, so that the process ends. The system forgets what it could not write, and calls the next
 * flush a success (https://wiki.postgresql.org/wiki/Fsync_Errors): only who reads the log anew, by its checksums, knows
 * what is there. Until then nobody may be told that anything is booked.
 */
const LOST =
  'The disk did not take what the ledger wrote, so the server ends before it tells anybody that this is durable. ' +
  'See what is wrong with the disk, and start it again: it goes on from what is there'
