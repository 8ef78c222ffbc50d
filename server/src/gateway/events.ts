import type { Entry } from '../core/entry.ts'
import type { Refused } from './refused.ts'

/** What happens to calls, for logs and metrics. Nothing that listens may throw, or keep a call waiting. */
export interface GatewayEvents {
  /** The request of a call goes to its provider, so long after the call came. */
  sent(addedMs: number): void
  ended(entry: Entry): void
  refused(refused: Refused): void
}
