import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Hold } from '../../core/hold.ts'
import { type Answer, type Plan, planTakingBack } from '../../core/plan.ts'
import { type Row, text } from '../rows/columns.ts'
import type { PlanCommit, Sent } from './commit.ts'
import { type Connection, type Connections, unavailable } from './connection.ts'

/** How long a commit asks what came of it before it is given up for now. */
const PATIENCE_MS = 5_000
const RETRY_MS = 100
/** Nothing that was sent is under way for so long. */
const FORGET_AFTER_MS = 86_400_000

interface Lost {
  readonly batchId: string
  readonly plans: readonly Plan[]
}

/**
 * Commits of a writer, one at a time, each known to have happened or not before the next. Where the answer was lost, the
 * writer's row says which batch was its last; one that is not there is fenced off, since it could still be on its way.
 *
 * Where nobody can be asked for too long, the commit rejects, and the doubt is settled before the writer's next commit.
 * Had it happened after all, then holds that it opened are taken back, as nobody made those calls, and whoever brings
 * another plan of it again gets the answer that was lost.
 */
export function knownCommits(
  connections: Connections,
  send: PlanCommit['send'],
  hold: (id: string) => Promise<Hold | undefined>,
  patienceMs = PATIENCE_MS,
) {
  const doubts = new Map<string, Lost>()
  const late = new WeakMap<Plan, Answer>()
  const turns = new Map<string, Promise<unknown>>()

  /** After whatever this process is doing as that writer. */
  async function inTurn<T>(writerId: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(writerId) ?? Promise.resolve()).then(work, work)
    turns.set(writerId, turn)
    try {
      return await turn
    } finally {
      if (turns.get(writerId) === turn) turns.delete(writerId)
    }
  }

  async function commit(writerId: string, plans: readonly Plan[]): Promise<readonly Answer[]> {
    await settle(writerId)
    const fresh = plans.filter((plan) => !late.has(plan))
    const answers = fresh.length > 0 ? await sendUntilKnown(writerId, fresh) : []
    return plans.map((plan) => late.get(plan) ?? answers[fresh.indexOf(plan)]!)
  }

  async function sendUntilKnown(writerId: string, plans: readonly Plan[]): Promise<Answer[]> {
    const deadlineMs = performance.now() + patienceMs
    while (true) {
      const sent = await send(writerId, plans)
      if (sent.kind === 'answered') return sent.answers
      doubts.set(writerId, { batchId: sent.batchId, plans })
      const outcome = await findUntil(deadlineMs, writerId, sent)
      doubts.delete(writerId)
      if (outcome) return complete(writerId, plans, outcome)
      if (performance.now() > deadlineMs) throw unavailable(sent.cause)
    }
  }

  async function findUntil(deadlineMs: number, writerId: string, { batchId }: Extract<Sent, { kind: 'lost' }>) {
    while (true)
      try {
        return await outcomeOf(connections, writerId, batchId)
      } catch (error) {
        if (performance.now() > deadlineMs) throw error
        await delay(RETRY_MS)
      }
  }

  /** The answers of a batch that was committed. What was refused in it has changed nothing, and is asked again. */
  async function complete(writerId: string, plans: readonly Plan[], outcome: Outcome): Promise<Answer[]> {
    const known = answersOf(outcome)
    const refused = plans.filter((_, index) => known[index] === undefined)
    const again = refused.length > 0 ? await sendUntilKnown(writerId, refused) : []
    return plans.map((plan, index) => known[index] ?? again[refused.indexOf(plan)]!)
  }

  async function settle(writerId: string): Promise<void> {
    const doubt = doubts.get(writerId)
    if (!doubt) return
    const outcome = await outcomeOf(connections, writerId, doubt.batchId)
    doubts.delete(writerId)
    if (!outcome) return
    for (const [index, answer] of answersOf(outcome).entries()) {
      const plan = doubt.plans[index]!
      if (answer === undefined) continue
      if (plan.open) await takeBack(writerId, plan.open.id)
      else late.set(plan, answer)
    }
  }

  /** Again where the hold has changed meanwhile, until it is not open any more. */
  async function takeBack(writerId: string, holdId: string): Promise<void> {
    while (true) {
      const open = await hold(holdId)
      if (!open) return
      await sendUntilKnown(writerId, [planTakingBack(open)])
    }
  }

  return {
    commit: (writerId: string, plans: readonly Plan[]) => inTurn(writerId, () => commit(writerId, plans)),
    /** Settles what is in doubt, where something is. */
    settle: (writerId: string) => (doubts.has(writerId) ? inTurn(writerId, () => settle(writerId)) : undefined),
  }
}

/** One letter for each plan: `c` committed, `e` committed with an entry, `r` refused; and the last sequence. */
interface Outcome {
  readonly letters: string
  readonly seq: number
}

function answersOf({ letters, seq }: Outcome): (Answer | undefined)[] {
  let next = seq - letters.replaceAll(/[^e]/g, '').length
  return letters.split('').map((letter) => {
    if (letter === 'r') return undefined
    return { kind: 'committed', seq: letter === 'e' ? ++next : null }
  })
}

/** What came of a batch; undefined where it was not committed, and by now never will be. */
async function outcomeOf(connections: Connections, writerId: string, batchId: string): Promise<Outcome | undefined> {
  try {
    return await connections.lend((connection) => find(connection, writerId, batchId))
  } catch (error) {
    throw error instanceof StoreUnavailable ? error : unavailable(error)
  }
}

async function find(connection: Connection, writerId: string, batchId: string): Promise<Outcome | undefined> {
  await connection.query('BEGIN')
  try {
    // Whoever still works on it is waited for.
    await connection.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('token-trackr writer ' || $1::text, 0))::text`,
      [writerId],
    )
    const [row] = (await connection.query(
      'SELECT seq, last_outcome FROM writers WHERE writer_id = $1 AND last_batch = $2',
      [writerId, batchId],
    )) as [Row?]
    if (!row) {
      const nowMs = Date.now()
      await connection.query('INSERT INTO lost_batches (batch_id, at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        ...[batchId, nowMs],
      ])
      await connection.query('DELETE FROM lost_batches WHERE at_ms < $1', [nowMs - FORGET_AFTER_MS])
    }
    await connection.query('COMMIT')
    return row && { letters: text(row.last_outcome), seq: Number(row.seq) }
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
