import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailable } from '../../core/errors.ts'
import { isBusy } from './connection.ts'

/** How long a commit waits for its turn while other processes write. */
const PATIENCE_MS = 5_000
const RETRY_MS = 3

/** Runs work whole or not at all, on the one connection that writes. `reached` is told of each step, for tests. */
export interface Transactions {
  /** With the write lock from the beginning, so that nothing read in it is stale. Rejects with StoreUnavailable. */
  readonly write: <T>(work: () => T) => Promise<T>
  /** All reads from one instant. Throws StoreUnavailable. */
  readonly read: <T>(work: () => T) => T
  readonly reached: (point: string) => void
}

/** What goes on around transactions that write. */
export interface Surroundings {
  /** Resolves when one may begin; undefined where it may at once. */
  readonly turn: () => Promise<void> | undefined
  /** Told of each that has committed, and resolves when it is durable. */
  readonly durable: () => Promise<void>
}

/**
 * `crashPoint` is called after each step of a commit, and may end the process. What it throws fails the commit like an
 * error of SQLite would; at the point "committed" nothing can fail any more, so there it must not throw. Without
 * surroundings, a commit is as durable as the connection makes it.
 */
export function transactions(
  database: DatabaseSync,
  crashPoint?: (name: string) => void,
  surroundings?: Surroundings,
): Transactions {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const beginReading = database.prepare('BEGIN')
  const commit = database.prepare('COMMIT')
  const reached = (point: string) => crashPoint?.(point)

  // From BEGIN to COMMIT there is no await: whatever else uses the connection finds it outside a transaction.
  function inside<T>(work: () => T): T {
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      rollBack()
      throw unavailable(error)
    }
  }

  function rollBack(): void {
    try {
      // Some errors, a full disk among them, have rolled back already.
      if (database.isTransaction) database.exec('ROLLBACK')
    } catch {
      // Not even that: the transaction is undone when the file is opened again. The first error says why.
    }
  }

  async function write<T>(work: () => T): Promise<T> {
    const deadlineMs = performance.now() + PATIENCE_MS
    while (true) {
      await surroundings?.turn()
      try {
        begin.run()
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadlineMs) throw unavailable(error)
        await delay(RETRY_MS)
        continue
      }
      const result = inside(() => {
        reached('begun')
        return work()
      })
      reached('committed')
      await surroundings?.durable()
      return result
    }
  }

  function read<T>(work: () => T): T {
    try {
      beginReading.run()
    } catch (error) {
      throw unavailable(error)
    }
    return inside(work)
  }

  return { write, read, reached }
}

/** Rejects with StoreUnavailable whatever a single statement throws. */
export async function answering<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailable(`The database cannot answer: ${message}`, { cause })
}
