import type { AccountStore } from '../core/ports/account-store.ts'
import { mintSecret, type Secrets } from './secrets.ts'

const SETTING = 'administrator'
const LONGEST_SECRET = 200

export interface Administrator {
  /** The secret, where it was made just now: the only time that anybody can read it. */
  readonly newSecret: string | undefined
  /** Whether this is the administrator's secret, in constant time. */
  readonly is: (presented: string) => boolean
}

/** Makes the administrator's secret where the installation has none yet; of several processes, one makes it. */
export async function openAdministrator(
  store: Pick<AccountStore, 'setting' | 'keepSetting'>,
  secrets: Secrets,
): Promise<Administrator> {
  const kept = await store.setting(SETTING)
  const made = kept === undefined ? mintSecret('tta_') : undefined
  const hash = made === undefined ? kept! : await store.keepSetting(SETTING, secrets.hash('administrator', made))
  const is = (presented: string) =>
    presented.length <= LONGEST_SECRET && secrets.matches('administrator', presented, hash)
  return { newSecret: made !== undefined && is(made) ? made : undefined, is }
}

/**
 * Whether the installation's secret is the one that this database began with. With another one, every key and the
 * administrator's secret would be refused without a word of why.
 */
export async function isSameInstallation(store: Pick<AccountStore, 'keepSetting'>, secrets: Secrets): Promise<boolean> {
  const proof = secrets.hash('installation', 'token-trackr')
  return (await store.keepSetting('installation', proof)) === proof
}
