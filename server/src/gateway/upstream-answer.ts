import type { IncomingHttpHeaders } from 'node:http'
import type { Framing, Meter } from '../core/ports/format.ts'
import type { Call } from './call.ts'

/** What a provider answers with: an answer to relay and meter, a refusal to pass on, or a redirect to nowhere. */
export type UpstreamAnswer = Relayed | RefusedUpstream | Redirect
interface Head {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}
export interface Relayed extends Head {
  readonly kind: 'relayed'
  readonly meter: Meter
  readonly framing: Framing
}
export interface RefusedUpstream extends Head {
  readonly kind: 'refused'
  readonly chunks: Buffer[]
  size: number
}
interface Redirect extends Head {
  readonly kind: 'redirect'
}

export function answerOf(call: Call, status: number, headers: IncomingHttpHeaders): UpstreamAnswer {
  const { gateway, format, stripUsage } = call
  if (status >= 400) return { kind: 'refused', status, headers, chunks: [], size: 0 }
  if (status >= 300) return { kind: 'redirect', status, headers }
  const stream = /^text\/event-stream\b/i.test(headers['content-type'] ?? '')
  const framing = stream ? gateway.framings.stream() : gateway.framings.body()
  return {
    kind: 'relayed',
    status,
    headers,
    meter: format.meter({ stream, stripUsage: stream && stripUsage }),
    framing,
  }
}
