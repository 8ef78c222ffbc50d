import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { StoreUnavailable } from '../../core/errors.ts'
import type { ReportStore } from '../../core/ports/report-store.ts'
import type { RollupAdd } from '../../core/rollup.ts'
import type { ReportQueries } from './report-queries.ts'
import type { Question, Reply } from './report-worker.ts'

const CELLS_PER_PAGE = 2_000

/** Reads through a worker with a read-only connection. The worker starts with the first question. */
export function sqliteReportStore(path: string, nowMs: () => number): ReportStore {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let worker: Worker | undefined
  let questions = 0
  let closed = false

  function start(): Worker {
    // Run from source it is a .ts file, and a .js file once published.
    const file = new URL(`./report-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
    const started = new Worker(file, { workerData: path, execArgv: [] })
    started.on('message', (reply: Reply) => {
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if ('error' in reply) asked?.reject(new StoreUnavailable(`The database cannot answer: ${reply.error}`))
      else asked?.resolve(reply.value as never)
      if (waiting.size === 0) started.unref()
    })
    started.on('error', (error) => end(started, error as Error))
    started.on('exit', () => end(started, new Error('the worker has ended')))
    return started
  }

  /** Fails what was asked of a worker that is no more; the next question starts another. */
  function end(ended: Worker, cause: Error): void {
    if (worker !== ended) return
    worker = undefined
    for (const { reject } of waiting.values())
      reject(new StoreUnavailable(`The database cannot answer: ${cause.message}`, { cause }))
    waiting.clear()
  }

  function ask<Name extends keyof ReportQueries>(
    name: Name,
    ...args: Parameters<ReportQueries[Name]>
  ): Promise<ReturnType<ReportQueries[Name]>> {
    if (closed) return Promise.reject(new StoreUnavailable('The database is closed.'))
    worker ??= start()
    // An idle worker keeps no process alive, an asked one does.
    worker.ref()
    const question: Question = { id: ++questions, name, args }
    return new Promise((resolve, reject) => {
      waiting.set(question.id, { resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      worker!.postMessage(question)
    })
  }

  return {
    entries: (query) => ask('entries', query),
    entry: (tenantId, id) => ask('entry', tenantId, id),
    price: (version) => ask('price', version),
    sums: (query) => ask('sums', query),
    largest: (query) => ask('largest', query),
    users: (tenantId, page) => ask('users', tenantId, page),
    user: (tenantId, id) => ask('user', tenantId, id),
    keys: (tenantId, userId) => ask('keys', tenantId, userId),
    limits: (tenantId) => ask('limits', tenantId),
    refusals: (query) => ask('refusals', query),
    refusalCounts: (tenantId, range) => ask('refusalCounts', tenantId, range),
    refusalReasons: (query) => ask('refusalReasons', query),
    crossings: (tenantId, limit) => ask('crossings', tenantId, limit),
    freeze: () => ask('freeze'),
    scanEntries: (after, limit) => ask('scanEntries', after && { writerId: after.writerId, seq: after.seq }, limit),
    scanHolds: () => ask('scanHolds', nowMs()),
    scanCounters: () => ask('scanCounters'),
    async *scanRollups() {
      for (let after: RollupAdd | undefined; ;) {
        const page = await ask('scanRollups', after, CELLS_PER_PAGE)
        yield* page
        after = page.at(-1)
        if (!after) return
      }
    },
    integrity: () => ask('integrity'),
    async close() {
      closed = true
      await worker?.terminate()
    },
  }
}
