import type { IncomingHttpHeaders } from 'node:http'
import type { Framing, Meter } from '../core/ports/format.ts'
import type { Call } from './call.ts'

/** What a provider answers with: an answer to relay and meter, a refusal to pass on, or a redirect to nowhere. */
export type UpstreamAnswer = Relayed | RefusedUpstream | Redirect
interface Head {
  readonly status: number
}
export interface Relayed extends Head {
  readonly kind: 'relayed'
  readonly meter: Meter
  readonly framing: Framing
  /** Its frames come one by one for sure, and the last of them says that it is the last. */
  readonly stream: boolean
}
export interface RefusedUpstream extends Head {
  readonly kind: 'refused'
  readonly headers: IncomingHttpHeaders
  readonly chunks: Buffer[]
  size: number
}
export interface Redirect extends Head {
  readonly kind: 'redirect'
}

export function answerOf(call: Call, status: number, headers: IncomingHttpHeaders): UpstreamAnswer {
  const { gateway, format, stripUsage, errand } = call
  if (status >= 400) return { kind: 'refused', status, headers, chunks: [], size: 0 }
  if (status >= 300) return { kind: 'redirect', status }
  const { framing, stream } = gateway.framingOf(
    headers['content-type'] ?? '',
    errand.stream,
    headers['content-encoding'],
  )
  const meter = format.meter({ stream, headers, stripUsage: stream && stripUsage })
  return { kind: 'relayed', status, meter, framing, stream }
}
