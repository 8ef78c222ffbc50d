import { parentPort, workerData } from 'node:worker_threads'
import type { CounterKey } from '../../core/counter.ts'
import { connectReadOnly } from './connection.ts'
import { pastOf } from './seed-sums.ts'

/** What is to be read, and where. */
export interface PastQuestion {
  readonly path: string
  readonly keys: readonly CounterKey[]
}

// Runs in a thread of its own, which ends with it: nobody waits for it but whoever puts the limits.
const { path, keys } = workerData as PastQuestion
const database = connectReadOnly(path)
database.exec('BEGIN')
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort!.postMessage(pastOf(database, keys))
database.close()
