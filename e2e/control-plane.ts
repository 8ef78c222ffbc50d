import { request } from 'undici'

export interface Answer {
  readonly status: number
  readonly body: Json
}
/** Answers are read by path in tests; their shapes are proved where they are made. */
// eslint-disable-next-line typescript/no-explicit-any
export type Json = any

export interface EntryRow {
  readonly id: string
  readonly callId: string
  readonly attempt: number
  readonly userId: string
  readonly keyId: string
  readonly provider: string
  readonly model: string
  readonly outcome: string
  readonly evidence: string
  readonly ending: string
  readonly stream: boolean
  readonly httpStatus: number | null
  readonly inputTokens: number | null
  readonly cachedTokens: number | null
  readonly outputTokens: number | null
  readonly totalTokens: number | null
  readonly costNanoUsd: number | null
  readonly quarantine: string | null
}
export interface UserRow {
  readonly userId: string
  readonly tokenLimit: number | null
  readonly tokenUsage: number
  readonly tokensHeld: number
  readonly tokensRemaining: number | null
}

/** The administrator's side of the HTTP API. */
export interface ControlPlane {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** A new user with a key of its own. */
  newUser(tokenLimit: number | null, userId?: string): Promise<{ userId: string; key: string; keyId: string }>
  user(userId: string): Promise<UserRow>
  entries(query?: Record<string, string>): Promise<EntryRow[]>
  /** Every entry of a user, over all pages. */
  allEntries(userId: string): Promise<EntryRow[]>
  entry(id: string): Promise<Json>
  limit(limit: Json): Promise<Json>
  /** Waits until the user has no open hold, and answers the user. */
  idle(userId: string): Promise<UserRow>
}

let users = 0

export function controlPlane(url: string, adminSecret: string): ControlPlane {
  const plane: ControlPlane = {
    async ask(method, path, body, headers = {}) {
      const answer = await request(url + path, {
        method: method as 'GET',
        headers: {
          authorization: `Bearer ${adminSecret}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.body.text()
      return { status: answer.statusCode, body: text ? JSON.parse(text) : null }
    },
    async newUser(tokenLimit, userId = `user-${(users += 1)}-${process.pid}`) {
      await wanted('POST', '/api/users', { userId, tokenLimit })
      const { key, keyId } = await wanted('POST', '/api/keys', { userId })
      return { userId, key, keyId }
    },
    user: (userId) => wanted('GET', `/api/users/${encodeURIComponent(userId)}`),
    async entries(query = {}) {
      return (await wanted('GET', `/api/entries?${new URLSearchParams(query)}`)).entries
    },
    async allEntries(userId) {
      const found: EntryRow[] = []
      let cursor: string | null = null
      do {
        const query: Record<string, string> = { userId, limit: '200', ...(cursor === null ? {} : { cursor }) }
        const page: { entries: EntryRow[]; nextCursor: string | null } = await wanted(
          'GET',
          `/api/entries?${new URLSearchParams(query)}`,
        )
        found.push(...page.entries)
        cursor = page.nextCursor
      } while (cursor !== null)
      return found
    },
    entry: (id) => wanted('GET', `/api/entries/${encodeURIComponent(id)}`),
    limit: (limit) => wanted('POST', '/api/limits', limit),
    async idle(userId) {
      for (;;) {
        const user = await plane.user(userId)
        if (user.tokensHeld === 0) return user
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
  return plane

  async function wanted(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await plane.ask(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}
