import { StoreUnavailable } from '../core/errors.ts'
import type { Answer, Plan } from '../core/plan.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'

/** Commits plans that arrive together as one batch, so that one flush to disk makes many of them durable. */
export interface GroupCommit {
  /** Rejects with StoreUnavailable where the store cannot commit now: nothing of the plan happened. */
  submit(plan: Plan): Promise<Answer>
  /** Never gives up: the plan stays queued through any failure of the store until it has an answer. */
  submitUntilAnswered(plan: Plan): Promise<Answer>
  /** Resolves when nothing is queued or under way any more. */
  drained(): Promise<void>
  /** The last commit failed, so the next may fail too. */
  readonly isFailing: boolean
}

interface Waiting {
  readonly plan: Plan
  readonly untilAnswered: boolean
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 2_000
/** A store that fails sooner has looked at the plan; one that takes longer was not reached. */
const LONG_MS = 1_000
/** Of an idle process a turn takes tens of microseconds, so this is far below what a flush to disk takes. */
const MOST_TURNS = 16
/** Of a process with hundreds of streams a turn takes milliseconds, and somebody's call comes in each: nobody waits for all of them. */
const MOST_GATHERING_MS = 2

/** How time passes: another one for tests that replay. */
export interface Turns {
  /** After the sockets of this turn of the event loop were read. */
  soon(work: () => void): void
  later(work: () => void, ms: number): void
  /** In milliseconds, from anywhere. */
  now(): number
}
export const REAL_TURNS: Turns = {
  now: () => performance.now(),
  soon: (work) => void setImmediate(work),
  later: (work, ms) => void setTimeout(work, ms),
}

export function groupCommit(
  store: LedgerStore,
  writerId: string,
  onCommitted: () => void,
  turns: Turns = REAL_TURNS,
): GroupCommit {
  const queue: Waiting[] = []
  const idle: (() => void)[] = []
  let running = false
  let failing = false
  let batchLimit = store.maxPlansPerCommit
  let retryMs = FIRST_RETRY_MS
  /** Ends a pause in which only plans wait that never give up. */
  let wake: (() => void) | undefined

  function enqueue(plan: Plan, untilAnswered: boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      queue.push({ plan, untilAnswered, resolve, reject })
      if (!untilAnswered) wake?.()
      if (running) return
      running = true
      gather()
    })
  }

  /**
   * Waits as long as each turn of the event loop brings more plans, but not for long: one flush to disk then serves all
   * who were on their way. A plan that comes alone does not wait.
   */
  function gather(turnsLeft = MOST_TURNS, untilMs = turns.now() + MOST_GATHERING_MS): void {
    const before = queue.length
    turns.soon(() => {
      const isGrowing = queue.length > before && queue.length < batchLimit
      if (isGrowing && turnsLeft > 0 && turns.now() < untilMs) gather(turnsLeft - 1, untilMs)
      else flush()
    })
  }

  function flush(): void {
    const batch = next()
    const startedMs = turns.now()
    store
      .commit(
        writerId,
        batch.map((waiting) => waiting.plan),
      )
      .then((answers) => succeed(batch, answers))
      .catch((error: unknown) => fail(batch, error, turns.now() - startedMs))
      .finally(goOn)
      .catch(() => undefined)
  }

  /** While the store fails, those go first who are told at once that it does. */
  function next(): Waiting[] {
    const first = failing ? queue.findIndex(({ untilAnswered }) => !untilAnswered) : 0
    return queue.splice(Math.max(0, first), batchLimit)
  }

  function succeed(batch: readonly Waiting[], answers: readonly Answer[]): void {
    failing = false
    batchLimit = Math.min(store.maxPlansPerCommit, batchLimit * 2)
    retryMs = FIRST_RETRY_MS
    answers.forEach((answer, index) => batch[index]!.resolve(answer))
    // What did not fit into one commit of the engine goes first in the next.
    queue.unshift(...batch.slice(answers.length))
    onCommitted()
  }

  /**
   * One plan at a time until a commit succeeds again, so that no plan can fail for what another one did. But where the store
   * took long to fail, it is away, and nobody waits for that behind others who do.
   */
  function fail(batch: readonly Waiting[], error: unknown, tookMs: number): void {
    failing = true
    batchLimit = 1
    const told = tookMs > LONG_MS ? [...batch, ...queue.splice(0)] : batch
    for (const waiting of told)
      if (waiting.untilAnswered) queue.push(waiting)
      else
        waiting.reject(
          error instanceof StoreUnavailable ? error : new StoreUnavailable('commit failed', { cause: error }),
        )
  }

  function goOn(): void {
    if (queue.length === 0) {
      running = false
      for (const resolve of idle.splice(0)) resolve()
    } else if (batchLimit > 1 || retryMs === FIRST_RETRY_MS) {
      if (batchLimit === 1) retryMs *= 2
      gather()
    } else if (queue.some(({ untilAnswered }) => !untilAnswered)) {
      gather()
    } else {
      pause(retryMs)
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
    }
  }

  function pause(ms: number): void {
    const end = () => {
      if (wake !== end) return
      wake = undefined
      flush()
    }
    wake = end
    turns.later(end, ms)
  }

  return {
    submit: (plan) => enqueue(plan, false),
    submitUntilAnswered: (plan) => enqueue(plan, true),
    drained: () => (running ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve()),
    get isFailing() {
      return failing
    },
  }
}
