import type { AccountAnswer, AccountPlan, Identity, Tenant, User } from '../account.ts'

/** Where tenants, users, keys and limits are kept: in the same engine as the ledger, so that a commit can check both. */
export interface AccountStore {
  /** What an unrevoked key with this hash stands for. */
  identity(keyHash: string): Promise<Identity | undefined>
  /** The tenant, created at version 1 where it is new. */
  tenant(id: string): Promise<Tenant>
  user(tenantId: string, id: string): Promise<User | undefined>
  commit(plan: AccountPlan): Promise<AccountAnswer>

  /** A setting of the installation, such as the administrator's hashed secret. */
  setting(name: string): Promise<string | undefined>
  /** Keeps a setting, unless one of that name is there; answers which one is there now. */
  keepSetting(name: string, value: string): Promise<string>
  /** Puts a setting in the place of the one that was seen; `undefined`: of none. Answers whether it was still so. */
  replaceSetting(name: string, value: string, seen: string | undefined): Promise<boolean>
}
