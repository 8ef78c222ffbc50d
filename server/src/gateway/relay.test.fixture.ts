import { EventEmitter } from 'node:events'
import type { Dispatcher } from 'undici'
import type { Reading } from '../core/entry.ts'
import type { DisconnectPolicy } from '../core/ports/deployment.ts'
import { type Recording, requestOf } from '../providers/conformance/replay.ts'
import { FORMATS } from '../providers/formats/all.ts'
import { framingOf } from '../providers/framing/all.ts'
import type { Call } from './call.ts'

/** For tests: a client that reads all, until it leaves. */
export class FakeResponse extends EventEmitter {
  readonly sent: Buffer[] = []
  headersSent = false
  destroyed = false
  writeHead() {
    this.headersSent = true
  }
  write(bytes: Buffer) {
    this.sent.push(bytes)
    return true
  }
  end(bytes?: Buffer) {
    if (bytes) this.sent.push(bytes)
  }
  destroy() {
    this.destroyed = true
  }
  leave() {
    this.destroyed = true
    this.emit('close')
  }
}

/** A call that was admitted, in a gateway whose ledger only listens. */
export function callOf(
  recording: Recording,
  response: FakeResponse,
  disconnect: DisconnectPolicy,
  booked: (reading: Reading) => void,
  dispatched: (handler: Dispatcher.DispatchHandler) => void,
): Call {
  const nothing = () => {}
  const body = requestOf(recording)
  const format = FORMATS[recording.format]
  const gateway = {
    ...{ framingOf, crashPoint: nothing, report: nothing, nowMs: () => 0 },
    events: { sent: nothing, ended: nothing },
    health: { failed: nothing, succeeded: nothing },
    drains: { begin: () => ({ took: nothing, end: nothing }) },
    openCalls: { begin: () => nothing },
    timeouts: { headersMs: 1_000, idleMs: 1_000, settleMs: 60_000 },
    endpoints: { some: { path: () => '/', headers: () => ({}) } },
    dispatcher: { dispatch: (_options: unknown, handler: Dispatcher.DispatchHandler) => dispatched(handler) },
    prices: { price: nothing },
    tokens: { estimateTokens: async (_text: string, length: number) => Math.ceil(length / 4) },
    ledger: {
      end: async (_hold: unknown, { reading }: { reading: Reading }) => {
        booked(reading)
        return { kind: 'stale' }
      },
      remainingTokens: async () => undefined,
    },
  }
  return {
    ...{ gateway, format, body, response, id: 'call', startedAtMs: 0, outgoing: Buffer.from(body.text) },
    deployment: {
      name: 'some',
      endpoint: 'some',
      baseUrl: 'https://host.example',
      credential: 'secret',
      disconnect,
      ceilings: {},
    },
    errand: { format: format.name, operation: 'call', stream: true, query: '' },
    stripUsage: !format.reportsUsageUnasked(body),
    admitted: { hold: { id: 'hold', attempt: 1, provider: 'some', model: 'some', countedAtMs: 0 }, limits: [] },
    remaining: { tokens: undefined },
    request: { headers: {} },
  } as unknown as Call
}
