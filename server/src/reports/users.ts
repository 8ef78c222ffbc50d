import type { ReportStore, UserRow } from '../core/ports/report-store.ts'
import type { Sums } from '../core/rollup.ts'
import { FOREVER_MS } from '../core/window.ts'
import { isoTime } from './time.ts'

/** A user with what it used and may still use, over its whole life. */
export interface UserReport {
  readonly userId: string
  readonly createdAt: string
  /** 0 admits nothing, null is unlimited. */
  readonly tokenLimit: bigint | null
  readonly tokenUsage: bigint
  /** Set aside for calls that are running. */
  readonly tokensHeld: bigint
  readonly tokensRemaining: bigint | null
  /** Usage and held, of the limit, rounded down to a tenth: it says 100 only where nothing is left. */
  readonly percentUsed: number | null
  readonly lastUpdated: string | null
  readonly requests: bigint
  readonly costNanoUsd: bigint
}

export interface UserPage {
  readonly users: readonly UserReport[]
  /** The id to ask on after; null on the last page. */
  readonly nextAfter: string | null
}

type Store = Pick<ReportStore, 'users' | 'user' | 'sums'>

/** A page of users in order of id. */
export async function listUsers(
  store: Store,
  tenantId: string,
  page: { limit: number; after?: string },
): Promise<UserPage> {
  const rows = await store.users(tenantId, { ...page, limit: page.limit + 1 })
  const shown = rows.slice(0, page.limit)
  const everUsed = await sumsOf(store, tenantId, ...shown.map(({ id }) => id))
  const users = shown.map((row) => userReport(row, everUsed.get(row.id)))
  return { users, nextAfter: rows.length > page.limit ? users.at(-1)!.userId : null }
}

export async function findUser(store: Store, tenantId: string, userId: string): Promise<UserReport | undefined> {
  const [row, everUsed] = await Promise.all([store.user(tenantId, userId), sumsOf(store, tenantId, userId)])
  return row && userReport(row, everUsed.get(userId))
}

/** Everything that these users ever used, in one question; nothing is there of who used nothing. */
async function sumsOf(store: Store, tenantId: string, ...userId: string[]): Promise<ReadonlyMap<string, Sums>> {
  const range = { startMs: 0, endMs: FOREVER_MS }
  const groups = await store.sums({
    ...{ tenantId, cube: 'account', grain: 'hour', range, by: ['userId'], where: { userId }, byTime: false },
  })
  return new Map(groups.map(({ dimensions, sums }) => [dimensions.userId!, sums]))
}

function userReport({ id, createdAtMs, tokenLimit, tokens, lastCallAtMs }: UserRow, sums?: Sums): UserReport {
  const used = tokens.settled + tokens.held
  return {
    userId: id,
    createdAt: isoTime(createdAtMs),
    tokenLimit,
    tokenUsage: tokens.settled,
    tokensHeld: tokens.held,
    tokensRemaining: tokenLimit === null ? null : used < tokenLimit ? tokenLimit - used : 0n,
    percentUsed: percentOf(used, tokenLimit),
    lastUpdated: lastCallAtMs === null ? null : isoTime(lastCallAtMs),
    requests: sums?.requests ?? 0n,
    costNanoUsd: sums?.costNanoUsd ?? 0n,
  }
}

function percentOf(used: bigint, limit: bigint | null): number | null {
  if (limit === null) return null
  return limit === 0n ? 100 : Number((used * 1000n) / limit) / 10
}
