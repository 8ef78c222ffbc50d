import type { Identity } from '../core/account.ts'
import type { Call } from './call.ts'
import type { Callable } from './resolve.ts'
import type { ProxyRoute } from './routes.ts'

/** A call on its way through the gateway: what arrived, and what has become known of it. */
export interface Arrival extends Pick<Call, 'id' | 'format' | 'request' | 'response' | 'startedAtMs'> {
  readonly route: ProxyRoute
  identity?: Identity
  deployment?: Callable
}
