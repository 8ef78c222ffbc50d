import pg from 'pg'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Row } from '../rows/columns.ts'

/** How long a commit waits for others that hold what it needs, as on every engine. */
const PATIENCE_MS = 5_000
const STATEMENT_MS = 15_000
const CONNECT_MS = 5_000
/** Beyond what the server itself allows a statement: then the network is silent. */
const SILENCE_MS = STATEMENT_MS + 5_000
const IDLE_MS = 60_000

/** One statement. With a name, a connection prepares it once. */
export interface Statement {
  readonly name?: string
  readonly text: string
}

/** One connection, for as long as it is lent. */
export interface Connection {
  query(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>
}

/** A few connections to one database, which come back by themselves after the server was away. */
export interface Connections {
  /** Asks on any connection, and once more on a fresh one where that was lost: only for what may be done twice. */
  ask(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>
  /** Lends a connection. Rejects with StoreUnavailable where there is none; what `work` throws comes as it is. */
  lend<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly most: number
  /** No statement may take longer; 0 lets it take as long as it wants, for verify. */
  readonly statementMs?: number
}

/** Opens nothing yet: connections are made when they are needed. */
export function connections(url: string, { most, statementMs = STATEMENT_MS }: ConnectionOptions): Connections {
  const pool = new pg.Pool({
    connectionString: checkedTls(url),
    max: most,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    application_name: 'token-trackr',
    statement_timeout: statementMs,
    lock_timeout: PATIENCE_MS,
    ...(statementMs > 0 && { query_timeout: SILENCE_MS, idle_in_transaction_session_timeout: STATEMENT_MS }),
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    // Its type does not say so, but a connection is not lent before this has been answered.
    onConnect: prepared as unknown as (client: pg.ClientBase) => void,
  })
  // A connection that is lost fails whatever is asked on it, and the next use makes a new one: nothing else is to be done
  // about the events that tell of it, which would end the process if nobody listened.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))

  async function lend<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw unavailable(error)
    })
    let broken: unknown
    try {
      return await work({
        query: async (statement, values = []) => {
          const asked = typeof statement === 'string' ? { text: statement } : statement
          try {
            return (await client.query({ ...asked, values: values.map(clean) })).rows as Row[]
          } catch (error) {
            if (!wasRefused(error)) broken = error
            throw error
          }
        },
      })
    } finally {
      // A connection of which we do not know what the server makes of it is of no more use.
      client.release(broken !== undefined)
    }
  }

  return {
    lend,
    async ask(statement, values) {
      const once = () => lend((connection) => connection.query(statement, values))
      try {
        return await once().catch((error: unknown) => {
          if (error instanceof StoreUnavailable || wasRefused(error)) throw error
          return once()
        })
      } catch (error) {
        throw unavailable(error)
      }
    },
    close: () => pool.end(),
  }
}

function prepared(client: pg.ClientBase): Promise<unknown> {
  return client.query(PREPARE_SESSION)
}

/**
 * What is promised to a client is on the server's disk, whatever its role says; and a server notices a client that is
 * gone before it has done all the work for it.
 */
const PREPARE_SESSION = `
  SET default_transaction_isolation = 'read committed';
  DO $$ BEGIN
    PERFORM set_config('client_connection_check_interval', '2s', false);
  EXCEPTION WHEN OTHERS THEN NULL; -- not every system that a server runs on can tell
  END $$;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

/**
 * Whether the server itself said no to a statement, so that nothing of it happened. Where it or the network went away
 * instead, nobody knows.
 */
export function wasRefused(error: unknown): boolean {
  const { severity } = error as { severity?: string }
  return severity === 'ERROR'
}

const AWAY = /^(57P0\d|E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN)|ENOTFOUND)$/

/** There is no server, or one that starts or ends just now: waiting may help. */
export function isAway(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  return AWAY.test(code) || /timeout|terminated/i.test(message)
}

/** Two transactions stood in each other's way, and this one was undone: trying again helps. */
export function isConflict(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === '40P01' || code === '40001'
}

export function unavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause
  const { message, code } = cause as NodeJS.ErrnoException
  // An error of several addresses has no message of its own.
  return new StoreUnavailable(`The database cannot answer: ${message || code}`, { cause })
}

/** TLS that is asked for is checked, host and authority: only `no-verify` says otherwise. */
function checkedTls(url: string): string {
  return url.replace(/([?&]sslmode=)(?:require|verify-ca)(?=&|$)/, '$1verify-full')
}

const INTEGERS: ReadonlySet<number> = new Set([20, 21, 23, 1700])

/** Every integer as BigInt, everything else as PostgreSQL's text. */
function parserOf(oid: number): (text: string) => unknown {
  return INTEGERS.has(oid) ? BigInt : String
}

/** PostgreSQL keeps no NUL in a text. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean)
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** Rows as JSON: bigints as text, nulls left out, and nothing that PostgreSQL keeps in no text. */
export function rowsText(rows: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  if (!text.includes('\\u')) return text
  return text.replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    /^\\u(?:0000|d)/.test(escape) ? '\uFFFD' : escape,
  )
}
