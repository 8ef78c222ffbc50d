import { parentPort, workerData } from 'node:worker_threads'
import { connectToCheckpoint } from './connection.ts'

/** How long the log is, in pages, and how many of them are in the file by now; undefined where nothing could be copied. */
export type Checkpointed = { readonly log: number; readonly checkpointed: number } | undefined

// Runs in a thread of its own: who commits meanwhile neither waits for it nor for the disk that it writes to.
const database = connectToCheckpoint(workerData as string)
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')

parentPort!.on('message', () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort!.postMessage(run())
})

function run(): Checkpointed {
  try {
    return checkpoint.get() as Checkpointed
  } catch {
    // What cannot be copied now stays in the log, which is as durable.
    return undefined
  }
}
