import type { Identity } from '../core/account.ts'
import type { AccountStore } from '../core/ports/account-store.ts'
import type { Secrets } from './secrets.ts'

/** What every key looks like; anything else is nobody's, and is not worth a question to the store. */
const KEY = /^tt_[A-Za-z0-9_-]{43}$/
/**
 * How long an identity is believed unseen. What decides about money is decided under the tenant's version in the
 * store; this only bounds how long a key that another process revoked can still read the list of models.
 */
const BELIEVED_MS = 10_000
const MOST_IDENTITIES = 20_000

interface Known {
  readonly identity: Identity
  readonly untilMs: number
}

export interface Identification {
  /** Who presents this; undefined for anything that is not an unrevoked key. Rejects with StoreUnavailable. */
  identify(presented: string): Promise<Identity | undefined>
  /** Told that the tenant has changed: its identities are read again. */
  readonly forget: (tenantId: string) => void
  /** The identity as it is now, where what was believed of its tenant proved stale; undefined where the key is revoked. */
  refresh(identity: Identity): Promise<Identity | undefined>
}

/** Keys to identities, remembered by the key's hash, since this stands before every call. */
export function identification(
  store: Pick<AccountStore, 'identity'>,
  secrets: Secrets,
  now: () => number,
): Identification {
  const known = new Map<string, Known>()
  const asked = new Map<string, Promise<Identity | undefined>>()

  function remember(hash: string, identity: Identity): void {
    if (known.size >= MOST_IDENTITIES) known.delete(known.keys().next().value as string)
    known.set(hash, { identity, untilMs: now() + BELIEVED_MS })
  }

  /** Calls that come together ask together. An answer that was forgotten while it was on its way is not remembered. */
  async function ask(hash: string): Promise<Identity | undefined> {
    const already = asked.get(hash)
    if (already) return already
    const question = store.identity(hash)
    asked.set(hash, question)
    try {
      const identity = await question
      if (identity && asked.get(hash) === question) remember(hash, identity)
      return identity
    } finally {
      if (asked.get(hash) === question) asked.delete(hash)
    }
  }

  function forget(tenantId: string): void {
    asked.clear()
    for (const [hash, { identity }] of known) if (identity.tenant.id === tenantId) known.delete(hash)
  }

  return {
    async identify(presented) {
      if (!KEY.test(presented)) return undefined
      const hash = secrets.hash('key', presented)
      const found = known.get(hash)
      if (found && found.untilMs > now()) return found.identity
      known.delete(hash)
      return ask(hash)
    },
    forget,
    refresh(identity) {
      forget(identity.tenant.id)
      return ask(identity.key.hash)
    },
  }
}
