import { hash as hashOnce, randomUUID } from 'node:crypto'
import type { Identity } from '../core/account.ts'
import { StoreUnavailable } from '../core/errors.ts'
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
  /** When the store said so. */
  readonly seenMs: number
  untilMs: number
}

export interface Identification {
  /** Who presents this; undefined for anything that is not an unrevoked key. Rejects with StoreUnavailable. */
  identify(presented: string): Promise<Identity | undefined>
  /** Told that the tenant has changed: its identities are read again. */
  readonly forget: (tenantId: string) => void
  /** The identity as it is now, where what was believed of its tenant proved stale; undefined where the key is revoked. */
  refresh(identity: Identity): Promise<Identity | undefined>
}

/**
 * Keys to identities, since this stands before every call. They are remembered by a digest that this process alone can
 * make and that costs less than the keyed hash under which they are stored. While the store cannot be reached, an identity is
 * believed `unreachedMs` long from when the store told it.
 */
export function identification(
  store: Pick<AccountStore, 'identity'>,
  secrets: Secrets,
  now: () => number,
  unreachedMs = 0,
): Identification {
  const salt = randomUUID()
  const known = new Map<string, Known>()
  const asked = new Map<string, Promise<Identity | undefined>>()

  function remember(digest: string, identity: Identity): void {
    if (known.size >= MOST_IDENTITIES) known.delete(known.keys().next().value as string)
    known.delete(digest)
    known.set(digest, { identity, seenMs: now(), untilMs: now() + BELIEVED_MS })
  }

  /** Calls that come together ask together. An answer that was forgotten while it was on its way is not remembered. */
  async function ask(hash: string, digest?: string): Promise<Identity | undefined> {
    const already = asked.get(hash)
    if (already) return already
    const question = store.identity(hash)
    asked.set(hash, question)
    try {
      const identity = await question
      if (identity && digest !== undefined && asked.get(hash) === question) remember(digest, identity)
      return identity
    } finally {
      if (asked.get(hash) === question) asked.delete(hash)
    }
  }

  /** What the store said last of this key, where nothing newer is known here, and it is not too old. Else it throws the cause. */
  function stillBelieved(digest: string, cause: unknown): Identity {
    const found = known.get(digest)
    if (!(cause instanceof StoreUnavailable) || !found || found.seenMs + unreachedMs <= now()) throw cause
    found.untilMs = Math.min(found.seenMs + unreachedMs, now() + BELIEVED_MS)
    return found.identity
  }

  function forget(tenantId: string): void {
    asked.clear()
    for (const [digest, { identity }] of known) if (identity.tenant.id === tenantId) known.delete(digest)
  }

  return {
    async identify(presented) {
      if (!KEY.test(presented)) return undefined
      const digest = hashOnce('sha256', salt + presented, 'base64')
      const found = known.get(digest)
      if (found && found.untilMs > now()) return found.identity
      try {
        const identity = await ask(secrets.hash('key', presented), digest)
        if (!identity) known.delete(digest)
        return identity
      } catch (error) {
        return stillBelieved(digest, error)
      }
    },
    forget,
    refresh(identity) {
      forget(identity.tenant.id)
      return ask(identity.key.hash)
    },
  }
}
