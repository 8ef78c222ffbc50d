import type { AlertChannel, AlertTest } from './alert-contract.ts'
import type {
  Answer,
  Call,
  Credential,
  Crossing,
  EntryPage,
  ErrorBody,
  Health,
  Key,
  Limit,
  LimitDraft,
  NewKey,
  Question,
  RefusalPage,
  Session,
  Summary,
  Trend,
  User,
  UserPage,
} from './contract.ts'

const TIMEOUT_MS = 15_000

/** Why a request failed: an answer of the server, or none (`unreachable`, status 0). The message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly body: ErrorBody

  constructor(status: number, body: ErrorBody) {
    super(body.message)
    this.status = status
    this.body = body
  }
}

/** Told of every request: whether the server answered at all, and whether it still knows the session. */
export interface Witness {
  answered(): void
  unanswered(): void
  signedOut(): void
}

/** What calls are asked for; `from` and `to` are ISO 8601 instants. */
export interface CallFilter {
  userId?: string
  keyId?: string
  model?: string
  provider?: string
  outcome?: string
  evidence?: string
  quarantined?: 'true'
  from?: string
  to?: string
}

/** What sums are asked for. */
export interface Span {
  from: string
  to: string
  zone: string
  userId?: string
  model?: string
}

export interface TrendAsked extends Span {
  bucket: 'quarter' | 'hour' | 'day'
  by: 'model' | 'user' | 'key' | 'provider' | 'outcome' | 'none'
}

/** The control plane, one function per route. Every read takes a signal, so that a superseded one is aborted. */
export function createApi(witness: Witness) {
  const send = requests(witness)
  return {
    session: (signal?: AbortSignal) => send<Session>('GET', '/api/session', { signal }),
    signIn: (secret: string) => send<void>('POST', '/api/session', { body: { secret } }),
    signOut: () => send<void>('DELETE', '/api/session'),
    health: (signal?: AbortSignal) => send<unknown>('GET', '/api/health', { signal }),
    summary: (span: Span, signal?: AbortSignal) =>
      send<Summary>('GET', `/api/summary${query({ ...span })}`, { signal }),
    trend: (asked: TrendAsked, signal?: AbortSignal) =>
      send<Trend>('GET', `/api/trend${query({ ...asked })}`, { signal }),
    users: (cursor: string | null, signal?: AbortSignal) =>
      send<UserPage>('GET', `/api/users${query({ limit: '200', cursor })}`, { signal }),
    user: (userId: string, signal?: AbortSignal) =>
      send<User>('GET', `/api/users/${encodeURIComponent(userId)}`, { signal }),
    createUser: (userId: string, tokenLimit: number | null) =>
      send<User>('POST', '/api/users', { body: { userId, tokenLimit } }),
    changeLimit: (userId: string, tokenLimit: number | null) =>
      send<User>('PATCH', `/api/users/${encodeURIComponent(userId)}`, { body: { tokenLimit } }),
    keys: (userId: string, signal?: AbortSignal) =>
      send<{ keys: Key[] }>('GET', `/api/keys${query({ userId })}`, { signal }),
    createKey: (userId: string, name?: string) =>
      send<NewKey>('POST', '/api/keys', { body: name ? { userId, name } : { userId } }),
    revokeKey: (keyId: string) => send<void>('DELETE', `/api/keys/${encodeURIComponent(keyId)}`),
    credentials: (signal?: AbortSignal) => send<{ credentials: Credential[] }>('GET', '/api/credentials', { signal }),
    putCredential: (name: string, value: string) =>
      send<Credential>('POST', '/api/credentials', { body: { name, value } }),
    deleteCredential: (name: string) => send<void>('DELETE', `/api/credentials/${encodeURIComponent(name)}`),
    entries: (filter: CallFilter, limit: number, cursor: string | null, signal?: AbortSignal) =>
      send<EntryPage>('GET', `/api/entries${query({ limit: String(limit), cursor, ...filter })}`, { signal }),
    call: (callId: string, signal?: AbortSignal) =>
      send<Call>('GET', `/api/calls/${encodeURIComponent(callId)}`, { signal }),
    refusals: (
      filter: { userId?: string; code?: string },
      limit: number,
      cursor: string | null,
      signal?: AbortSignal,
    ) => send<RefusalPage>('GET', `/api/refusals${query({ limit: String(limit), cursor, ...filter })}`, { signal }),
    limits: (signal?: AbortSignal) => send<{ limits: Limit[] }>('GET', '/api/limits', { signal }),
    putLimit: (draft: LimitDraft) => send<Limit>('POST', '/api/limits', { body: draft }),
    liftLimit: (limitId: string) => send<void>('DELETE', `/api/limits/${encodeURIComponent(limitId)}`),
    testLimits: (question: Question) => send<Answer>('POST', '/api/limits/test', { body: question }),
    crossings: (limit: number, signal?: AbortSignal) =>
      send<{ crossings: Crossing[] }>('GET', `/api/crossings${query({ limit: String(limit) })}`, { signal }),
    alerts: (signal?: AbortSignal) => send<{ channels: AlertChannel[] }>('GET', '/api/alerts', { signal }),
    testAlerts: () => send<{ results: AlertTest[] }>('POST', '/api/alerts/test'),
    providers: (signal?: AbortSignal) => send<Health>('GET', '/api/providers', { signal }),
  }
}
export type Api = ReturnType<typeof createApi>

interface Sent {
  body?: unknown
  signal?: AbortSignal | undefined
}

function requests(witness: Witness) {
  return async function send<T>(method: string, path: string, { body, signal }: Sent = {}): Promise<T> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    let response: Response
    let text: string
    try {
      response = await fetch(path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      text = await response.text()
    } catch (error) {
      if (signal?.aborted) throw error
      witness.unanswered()
      throw new ApiError(0, UNREACHABLE)
    }
    witness.answered()
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
    if (response.status === 401 && path !== '/api/session') witness.signedOut()
    throw new ApiError(response.status, errorBody(response.status, text))
  }
}

const UNREACHABLE: ErrorBody = {
  code: 'unreachable',
  message: 'The server does not answer.',
  hint: 'Check that it is running; the page tries again by itself.',
}

/** A proxy in between may answer with a page of its own: then the status is all that is known. */
function errorBody(status: number, text: string): ErrorBody {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorBody }
    if (typeof error?.code === 'string' && typeof error.message === 'string') return error
  } catch {
    // Not JSON.
  }
  return { code: `http_${status}`, message: `The server answered with status ${status}.` }
}

function query(parameters: Record<string, string | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value) search.set(name, value)
  const text = search.toString()
  return text ? `?${text}` : ''
}
