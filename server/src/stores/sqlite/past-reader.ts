import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CounterKey } from '../../core/counter.ts'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Past } from '../rows/past.ts'
import type { PastQuestion } from './seed-worker.ts'

/** Reads what new counters start from, while calls and commits go on. */
export interface PastReader {
  read(keys: readonly CounterKey[]): Promise<Past>
  /** Ends what is being read; who waits for it is told. */
  close(): Promise<void>
}

/** Each reading has a thread of its own, since it may take seconds, for which no report is to wait either. */
export function pastReader(path: string): PastReader {
  const threads = new Set<Worker>()

  function read(keys: readonly CounterKey[]): Promise<Past> {
    const { promise, resolve, reject } = Promise.withResolvers<Past>()
    const failed = (cause: Error) =>
      reject(new StoreUnavailable(`The database cannot answer: ${cause.message}`, { cause }))
    // Run from source it is a .ts file, and a .js file once published.
    const file = new URL(`./seed-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
    const question: PastQuestion = { path, keys }
    const thread = new Worker(file, { workerData: question, execArgv: [] })
    threads.add(thread)
    thread.on('message', resolve)
    thread.on('error', (error) => failed(error as Error))
    thread.on('exit', () => {
      threads.delete(thread)
      failed(new Error('the thread has ended'))
    })
    return promise
  }

  return {
    read,
    async close() {
      await Promise.all([...threads].map((thread) => thread.terminate()))
    },
  }
}
