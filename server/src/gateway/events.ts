import type { Entry } from '../core/entry.ts'
import type { Refused } from './refused.ts'

/** What happens to calls, for logs and metrics. Nothing that listens may throw, or keep a call waiting. */
export interface GatewayEvents {
  ended(entry: Entry): void
  refused(refused: Refused): void
}
