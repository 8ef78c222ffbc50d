import type { Limit } from './limit.ts'

/** Who pays. The version grows with every change of the tenant's users, keys and limits. */
export interface Tenant {
  readonly id: string
  readonly version: number
}

/** Who consumes. */
export interface User {
  readonly id: string
  readonly tenantId: string
  readonly createdAtMs: number
}

/** The credential that identifies a user. The secret itself is nowhere: only its keyed hash, and its end for people. */
export interface Key {
  readonly id: string
  readonly tenantId: string
  readonly userId: string
  readonly name: string
  /** HMAC-SHA-256 of the secret under the installation's secret, in hex. */
  readonly hash: string
  readonly last4: string
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
}

/** Everything that a presented key stands for, under one version of its tenant. */
export interface Identity {
  readonly tenant: Tenant
  readonly user: User
  readonly key: Key
  /** Of the tenant, the user, the key, and of providers and models. */
  readonly limits: readonly Limit[]
}

/** The limits of a tenant, under a version of it that is not newer than they are. */
export interface TenantLimits {
  readonly limits: readonly Limit[]
  readonly tenantVersion: number
}

/** A change of accounts, committed whole under the version it was made from, which it makes grow by one. */
export interface AccountPlan {
  readonly tenantId: string
  readonly expectVersion: number
  readonly createUser?: User
  readonly createKey?: Key
  readonly revokeKey?: { readonly id: string; readonly atMs: number }
  /**
   * Limits to put, by id. The counters that they read at `atMs` are seeded, in the same commit, with what entries and
   * open holds say, and open holds are moved along with them from then on.
   */
  readonly putLimits?: { readonly limits: readonly Limit[]; readonly atMs: number }
}

export type AccountAnswer =
  | { readonly kind: 'committed'; readonly version: number }
  | { readonly kind: 'stale' }
  /** A user or key of that id is there already. */
  | { readonly kind: 'exists' }
  /** The key to revoke or the user of a new key is not there. */
  | { readonly kind: 'missing' }
