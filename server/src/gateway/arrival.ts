import type { Identity } from '../core/account.ts'
import type { Errand } from '../core/ports/deployment.ts'
import type { Address } from '../core/ports/format.ts'
import type { Call } from './call.ts'
import type { Callable } from './resolve.ts'
import type { ProxyRoute } from './routes.ts'

/** A call on its way through the gateway: what arrived, and what has become known of it. */
export interface Arrival extends Pick<Call, 'id' | 'format' | 'request' | 'response' | 'startedAtMs'> {
  readonly route: ProxyRoute
  readonly address: Address
  identity?: Identity
  deployment?: Callable
}

/** What is to be done for it at a provider. */
export function errandOf({ route, address, format }: Arrival, stream: boolean): Errand {
  return { format: format.name, route: route.path, operation: route.operation, stream, query: address.query }
}
