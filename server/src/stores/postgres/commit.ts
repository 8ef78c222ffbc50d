import { randomUUID } from 'node:crypto'
import type { Answer, Plan } from '../../core/plan.ts'
import { numberOrNull, type Row, text } from '../rows/columns.ts'
import { type Batch, batchValues } from './batch.ts'
import { type Connection, type Connections, isConflict, unavailable, wasRefused } from './connection.ts'
import type { Transactions } from './transaction.ts'

const MOST_TRIES = 5

/** What came of one batch that was sent. */
export type Sent =
  | { readonly kind: 'answered'; readonly answers: Answer[] }
  /** Sent, and never answered: it is committed, or it is not. */
  | { readonly kind: 'lost'; readonly batchId: string; readonly cause: unknown }

export interface PlanCommit {
  /** Sends plans as one batch. Throws StoreUnavailable where certainly nothing of it happened. */
  send(writerId: string, plans: readonly Plan[]): Promise<Sent>
  /** What the commit of this plan alone would answer, without a sequence. */
  check(plan: Plan): Promise<Answer>
}

const PARAMETERS = Array.from({ length: 32 }, (_, index) => `$${index + 1}`).join(', ')
const COMMIT_PLANS = { name: 'commit_plans', text: `SELECT * FROM commit_plans(${PARAMETERS})` }

export function planCommit(
  connections: Connections,
  { reached, isWatched }: Transactions,
  testMs: () => number | null,
): PlanCommit {
  /** One statement, which is a transaction of its own: one way there and one back. `sent` is told before it leaves. */
  async function atOnce(connection: Connection, batch: Batch, sent: () => void): Promise<Row[]> {
    const values = batchValues(batch)
    sent()
    return connection.query(COMMIT_PLANS, values)
  }

  /** The same where somebody wants to crash between its steps. */
  async function inSteps(connection: Connection, batch: Batch, sent: () => void): Promise<Row[]> {
    await connection.query('BEGIN')
    try {
      reached('begun')
      const rows = await connection.query(COMMIT_PLANS, batchValues(batch))
      reached('applied')
      sent()
      await connection.query('COMMIT')
      return rows
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  async function sendOnce(batch: Batch): Promise<Sent> {
    let isSent = false
    const sent = () => {
      isSent = true
    }
    const work = isWatched ? inSteps : atOnce
    try {
      const rows = await connections.lend((connection) => work(connection, batch, sent))
      return { kind: 'answered', answers: rows.map(answerFrom) }
    } catch (error) {
      if (isSent && !wasRefused(error)) return { kind: 'lost', batchId: batch.batchId, cause: error }
      throw error
    }
  }

  return {
    async send(writerId, plans) {
      for (let tries = 1; ; tries++)
        try {
          const batch = { isCheck: false, writerId, batchId: randomUUID(), atMs: testMs(), plans }
          const sent = await sendOnce(batch)
          if (sent.kind === 'answered') reached('committed')
          return sent
        } catch (error) {
          if (!isConflict(error) || tries === MOST_TRIES) throw unavailable(error)
        }
    },
    async check(plan) {
      const batch = { isCheck: true, writerId: '', batchId: '', atMs: testMs(), plans: [plan] }
      const [row] = await connections.ask(COMMIT_PLANS, batchValues(batch))
      return answerFrom(row!)
    },
  }
}

function answerFrom(row: Row): Answer {
  switch (row.kind) {
    case 'committed':
      return { kind: 'committed', seq: numberOrNull(row.sequence) }
    case 'duplicate':
      return { kind: 'duplicate', entryId: text(row.known_entry), digest: text(row.known_digest) }
    case 'missed':
      return {
        kind: 'missed',
        counterId: text(row.counter),
        value: { settled: row.counter_settled as bigint, held: row.counter_held as bigint },
        freesAtMs: numberOrNull(row.frees_at_ms),
      }
    default:
      return { kind: 'stale', what: row.kind === 'stale tenant' ? 'tenant' : 'hold' }
  }
}
