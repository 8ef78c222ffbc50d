import type { Caller } from './ledger-shape.ts'

/** One thing that the dashboard asks of the control plane: paths that vary a little, so that no answer is only remembered. */
export interface Question {
  readonly name: string
  /** All that a page asks at once. */
  readonly paths: (turn: number) => readonly string[]
}

const ZONE = 'Europe/Amsterdam'
const HOUR_MS = 3_600_000
const PAGE = 50

/** @param nextCursor Of the first page of a list, by its path. */
export function dashboardQuestions(
  callers: readonly Caller[],
  nowMs: number,
  nextCursor: (path: string) => string,
): Question[] {
  const one = (name: string, path: (turn: number) => string): Question => ({ name, paths: (turn) => [path(turn)] })
  /** What the dashboard does not ask, but others may. */
  const api = (name: string, path: (turn: number) => string) => one(`API: ${name}`, path)
  const userOf = (turn: number) => callers[(turn * 37) % callers.length]!.userId
  const modelOf = (turn: number) => ['gpt-4o', 'claude-sonnet-4-5', 'codestral-latest'][turn % 3]!
  const span = (days: number) => spanOf(days, nowMs)
  const trend = (days: number, by: string, more = '') =>
    `/api/trend?${span(days)}&bucket=${days <= 3 ? 'hour' : 'day'}&by=${by}${more}`
  const summary = (days: number, more = '') => `/api/summary?${span(days)}${more}`
  const pageOf = (path: string) => `${path}&cursor=${encodeURIComponent(nextCursor(path))}`
  const entries = `/api/entries?limit=${PAGE}`
  const refusals = `/api/refusals?limit=${PAGE}`

  const ranges = [1, 7, 30, 90].flatMap((days) => {
    const called = days === 1 ? 'today' : `${days} days`
    return [
      one(`summary, ${called}`, () => summary(days)),
      api(`trend, ${called}`, () => trend(days, 'none')),
      one(`trend by model, ${called}`, () => trend(days, 'model')),
      api(`trend by provider, ${called}`, () => trend(days, 'provider')),
      one(`trend by user, ${called}`, () => trend(days, 'user')),
      api(`summary by user, ${called}`, () => summary(days, '&by=user')),
      one(`summary of a user, ${called}`, (turn) => summary(days, `&userId=${userOf(turn)}`)),
      one(`trend of a user by model, ${called}`, (turn) => trend(days, 'model', `&userId=${userOf(turn)}`)),
      one(`summary of a model, ${called}`, (turn) => summary(days, `&model=${modelOf(turn)}`)),
      api(`trend of a model by user, ${called}`, (turn) => trend(days, 'user', `&model=${modelOf(turn)}`)),
    ]
  })
  const overview = (days: number) => [
    ...[summary(days), trend(days, 'model'), trend(days, 'user')],
    ...['/api/limits', '/api/crossings?limit=20', `/api/entries?limit=20&quarantined=true`],
  ]
  return [
    ...ranges,
    api('trend by model, 30 days, Asia/Kolkata', () =>
      trend(30, 'model').replace(encodeURIComponent(ZONE), 'Asia%2FKolkata'),
    ),
    one('users, first page', () => '/api/users?limit=200'),
    one('users, next page', () => pageOf('/api/users?limit=200')),
    one('a user', (turn) => `/api/users/${userOf(turn)}`),
    one("a user's keys", (turn) => `/api/keys?userId=${userOf(turn)}`),
    one('entries, first page', () => entries),
    one('entries, next page', () => pageOf(entries)),
    one('entries of a user', (turn) => `${entries}&userId=${userOf(turn)}`),
    one('entries of a key', (turn) => `${entries}&keyId=${callers[(turn * 37) % callers.length]!.keyId}`),
    one('entries of a model', (turn) => `${entries}&model=${modelOf(turn)}`),
    one('entries of a rare model of a user', (turn) => `${entries}&model=codestral-latest&userId=${userOf(turn)}`),
    one('entries of a model nobody uses', () => `${entries}&model=no-such-model`),
    one('entries with a rare outcome', () => `${entries}&outcome=cut`),
    one('entries with a rare evidence', () => `${entries}&evidence=bounded`),
    one('entries in quarantine', () => `${entries}&quarantined=true`),
    one('entries of 60 days ago', () => `${entries}&to=${new Date(nowMs - 60 * 24 * HOUR_MS).toISOString()}`),
    one('a call', (turn) => `/api/calls/01990000-0000-7000-9000-${String(turn * 7919).padStart(12, '0')}`),
    one('refusals, first page', () => refusals),
    one('refusals, next page', () => pageOf(refusals)),
    one('refusals of a user', (turn) => `${refusals}&userId=${userOf(turn)}`),
    one('refusals by reason', () => `${refusals}&code=invalid_field`),
    one('crossings', () => '/api/crossings?limit=20'),
    one('limits', () => '/api/limits'),
    { name: 'overview page, 30 days, at once', paths: () => overview(30) },
    { name: 'overview page, today, at once', paths: () => overview(1) },
  ]
}

/** As the dashboard asks: from a midnight of the zone to the end of the quarter of an hour. */
function spanOf(days: number, nowMs: number): string {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(ZONE).startOfDay()
  const fromMs = today.subtract({ days: days - 1 }).epochMilliseconds
  const toMs = Math.ceil((nowMs + 60_000) / 900_000) * 900_000
  const [from, to] = [fromMs, toMs].map((ms) => encodeURIComponent(new Date(ms).toISOString()))
  return `from=${from}&to=${to}&zone=${encodeURIComponent(ZONE)}`
}
