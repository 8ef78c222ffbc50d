import { type Connection, type Connections, isConflict, unavailable } from './connection.ts'

const MOST_TRIES = 5

/** Runs work whole or not at all. `reached` is told of each step, for tests. */
export interface Transactions {
  /** Rejects with StoreUnavailable; then nothing of it happened, or it all did and only the answer was lost. */
  readonly write: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>
  readonly reached: (point: string) => void
  /** Whether somebody listens to the points, so that work is cut into steps to give it some. */
  readonly isWatched: boolean
}

/**
 * `crashPoint` is called after each step of a commit, and may end the process. What it throws fails the commit like an
 * error of the engine would; at the point "committed" nothing can fail any more, so there it must not throw.
 */
export function transactions(connections: Connections, crashPoint?: (name: string) => void): Transactions {
  const reached = (point: string) => crashPoint?.(point)

  async function once<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return connections.lend(async (connection) => {
      await connection.query('BEGIN')
      try {
        reached('begun')
        const result = await work(connection)
        await connection.query('COMMIT')
        return result
      } catch (error) {
        // The first error says why; where not even this is heard, the server undoes it by itself.
        await connection.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    })
  }

  return {
    reached,
    isWatched: crashPoint !== undefined,
    async write(work) {
      for (let tries = 1; ; tries++)
        try {
          const result = await once(work)
          reached('committed')
          return result
        } catch (error) {
          if (!isConflict(error) || tries === MOST_TRIES) throw unavailable(error)
        }
    },
  }
}
