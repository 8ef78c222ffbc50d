import type { Accounts } from './accounts/accounts.ts'
import type { DataFolder } from './config/data-folder.ts'

/** What a newcomer needs, and can read only once. */
export interface FirstStart {
  readonly administratorSecret: string
  readonly userId: string
  readonly key: string
}

const FIRST_USER = 'you'

/** On the very first start: keeps the administrator's secret for the CLI, and makes a user with a key to begin with. */
export async function firstStart(
  accounts: Accounts,
  folder: DataFolder,
  tenantId: string,
): Promise<FirstStart | undefined> {
  const administratorSecret = accounts.newAdministratorSecret
  if (administratorSecret === undefined) return undefined
  folder.keepCredentials(administratorSecret)
  await accounts.createUser(tenantId, FIRST_USER, null)
  const { secret: key } = await accounts.createKey(tenantId, FIRST_USER, 'first key')
  return { administratorSecret, userId: FIRST_USER, key }
}
