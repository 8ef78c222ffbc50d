import { parentPort, workerData } from 'node:worker_threads'
import { connectReadOnly } from './connection.ts'
import { type ReportQueries, reportQueries } from './report-queries.ts'

/** One question to the worker: which query, with which arguments. */
export interface Question {
  readonly id: number
  readonly name: keyof ReportQueries
  readonly args: readonly unknown[]
}
/** Its answer, or the text of the error. */
export type Reply = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string })

// Runs in a thread of its own: a long query keeps only other reports waiting.
const queries = reportQueries(connectReadOnly(workerData as string)) as unknown as Record<
  string,
  (...args: readonly unknown[]) => unknown
>

parentPort!.on('message', ({ id, name, args }: Question) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort!.postMessage(reply(id, name, args))
})

function reply(id: number, name: string, args: readonly unknown[]): Reply {
  try {
    return { id, value: queries[name]!(...args) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}
