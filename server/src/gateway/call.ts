import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Errand } from '../core/ports/deployment.ts'
import type { Format, ReadBody } from '../core/ports/format.ts'
import type { Gateway } from './gateway.ts'
import type { Admitted } from './reserve.ts'
import type { Callable } from './resolve.ts'

/** A call that was admitted: it may be sent, and its hold will be ended. */
export interface Call {
  readonly gateway: Gateway
  readonly id: string
  readonly format: Format
  readonly deployment: Callable
  readonly errand: Errand
  readonly body: ReadBody
  /** The body as the provider gets it. */
  readonly outgoing: Buffer
  /** The usage in the stream was asked for by us, and is taken out again. */
  readonly stripUsage: boolean
  readonly admitted: Admitted
  /** What the user has left, for a header: as of the hold, and once it has ended, as of its end. */
  readonly remaining: { tokens: bigint | undefined }
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** On the clock of `performance.now()`. */
  readonly startedAtMs: number
}
