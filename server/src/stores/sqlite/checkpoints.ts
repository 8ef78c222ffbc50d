import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Checkpointed } from './checkpoint-worker.ts'

/** At some 20 pages a commit, 5 MiB of the log. */
const COMMITS_PER_CHECKPOINT = 64
/** A log beyond 4 MiB begins anew, or the commits of a busy server would let it grow for as long as they come. */
const LONGEST_LOG_PAGES = 1_024
/** A thread that only calls SQLite. */
const MEMORY = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

/** Copies what was committed from the log into the file. */
export interface Checkpoints {
  /** To be told of each commit. */
  committed(): void
  /** What a commit waits for before it begins. */
  turn(): Promise<void> | undefined
  close(): Promise<void>
}

/**
 * Checkpoints in a thread of its own, which starts with the first. Done within a commit, as SQLite does by itself, one of them
 * takes up to 25 ms, for which every stream and every call has to wait. Only a log that has become long is copied to its end
 * while commits wait, and the next of them begins it anew.
 */
export function checkpoints(path: string): Checkpoints {
  let worker: Worker | undefined
  let commits = 0
  let underWay: PromiseWithResolvers<void> | undefined
  let commitsWait = false

  function start(): Worker {
    // Run from source it is a .ts file, and a .js file once published.
    const file = new URL(`./checkpoint-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
    const started = new Worker(file, { workerData: path, execArgv: [], resourceLimits: MEMORY })
    started.on('message', done)
    // Where there is no thread to be had, SQLite's own checkpoints go on.
    started.on('error', () => done(undefined))
    started.on('exit', () => {
      worker = undefined
      done(undefined)
    })
    started.unref()
    return started
  }

  function done(how: Checkpointed): void {
    // Once, even where that does not copy all, since somebody still reads from the log or the disk is full: it grows on.
    commitsWait = !commitsWait && how !== undefined && how.log > LONGEST_LOG_PAGES
    if (commitsWait) return ask()
    underWay?.resolve()
    underWay = undefined
  }

  function ask(): void {
    worker ??= start()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage('checkpoint')
  }

  return {
    committed() {
      commits++
      if (commits < COMMITS_PER_CHECKPOINT || underWay) return
      commits = 0
      underWay = Promise.withResolvers()
      ask()
    },
    turn: () => (commitsWait ? underWay?.promise : undefined),
    async close() {
      await underWay?.promise
      await worker?.terminate()
    },
  }
}
