import type { Identity } from '../core/account.ts'
import type { Demand } from '../core/bound.ts'
import type { Audit } from '../core/entry.ts'
import type { Errand } from '../core/ports/deployment.ts'
import type { Address, ReadBody } from '../core/ports/format.ts'
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

/** What a client asks for, read once for all attempts. */
export interface Asked {
  readonly body: ReadBody
  readonly demand: Demand
  readonly audit: Audit
  readonly labels: Readonly<Record<string, string>>
  /** The deployment was asked for usage in the stream, and refused. */
  readonly withoutUsage?: boolean
}

/** What is to be done for it at a provider. */
export function errandOf({ route, address, format }: Arrival, stream: boolean): Errand {
  return { format: format.name, route: route.path, operation: route.operation, stream, query: address.query }
}
