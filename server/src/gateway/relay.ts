import { performance } from 'node:perf_hooks'
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { PublicError } from '../core/errors.ts'
import type { Framed, Framing, Meter } from '../core/ports/format.ts'
import type { Call } from './call.ts'
import { openClient } from './client.ts'
import type { Drain } from './drain.ts'
import { forward } from './forward.ts'
import { ourHeaders } from './our-headers.ts'
import { relayedHeaders, sendError } from './respond.ts'
import { holdSettling, type Seen } from './settle.ts'

/** A provider's error is short; one that is not is no answer to pass on. */
const ERROR_CAP_BYTES = 1024 * 1024
const LEFT = new Error('the client left')

/**
 * Sends an admitted call and relays its answer frame by frame. Resolves when the client has its answer and the hold has
 * met its end, on every way that this can go; never rejects.
 */
export function relay(call: Call): Promise<void> {
  const { gateway, response, format, admitted } = call
  const { promise, resolve: finish } = Promise.withResolvers<void>()
  const client = openClient(response)
  const settling = holdSettling(call)

  let controller: Dispatcher.DispatchController | undefined
  let answer: Answer | undefined
  let firstByteMs: number | null = null
  let upstreamEnded = false
  let clientLeft = false
  let paused = false
  let drain: Drain | undefined

  const seen = (): Seen => ({
    meter: answer?.kind === 'relayed' ? answer.meter.reading() : undefined,
    httpStatus: answer?.status ?? null,
    firstByteMs,
  })

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      if (clientLeft && !drain) return started.abort(LEFT)
      controller = started
      gateway.crashPoint('sent')
    },
    onResponseStart(_controller, status, headers) {
      answer = answerOf(call, status, headers)
      client.open(status, () => ({ ...relayedHeaders(headers), ...ourHeaders(call) }))
    },
    onResponseData(_controller, chunk) {
      firstByteMs ??= Math.round(performance.now() - call.startedAtMs)
      drain?.took(chunk.length)
      if (answer?.kind === 'error') return collectError(answer, chunk)
      if (answer?.kind === 'relayed') relayFrames(answer.meter, answer.framing.push(chunk))
    },
    onResponseEnd() {
      upstreamEnded = true
      void (answer?.kind === 'relayed' ? finishAnswer(answer) : finishError())
    },
    onResponseError(_controller, error) {
      void finishBroken(error)
    },
  }

  function relayFrames(meter: Meter, framed: readonly Framed[]): void {
    for (const piece of framed) {
      const verdict = piece.kind === 'frame' ? meter.frame(piece.frame) : 'pass'
      const raw = piece.kind === 'frame' ? piece.frame.raw : piece.raw
      if (verdict === 'hold' && !settling.begun) {
        client.hold()
        client.send(raw)
        void settleAtTerminal()
      } else if (typeof verdict === 'object') client.send(verdict.replaceWith)
      else if (verdict !== 'drop') client.send(raw)
    }
    if (!clientLeft && !client.flush()) pauseUntilDrained()
  }

  /** The answer is complete: the provider has nothing more to say that counts. */
  async function settleAtTerminal(): Promise<void> {
    const { meter } = seen()
    const outcome = clientLeft ? 'cancelled' : meter?.failed ? 'upstream_error' : 'completed'
    if ((await settling.settle(outcome, seen())) === 'late') return lateEnd()
    gateway.crashPoint('settled, not yet told')
    // Where the provider has ended too, what is left is written with the end, and its length is known.
    if (upstreamEnded) return
    client.release()
    client.flush()
  }

  async function finishAnswer({ meter, framing }: Relayed): Promise<void> {
    relayFrames(meter, framing.end())
    const { finished, failed } = meter.reading()
    const outcome = clientLeft ? 'cancelled' : finished && !failed ? 'completed' : 'upstream_error'
    if ((await settling.settle(outcome, seen())) === 'late') return lateEnd()
    client.end()
    done()
  }

  function collectError(error: Refused, chunk: Buffer): void {
    error.size += chunk.length
    if (error.size > ERROR_CAP_BYTES) controller?.abort(new Error('the error is too long'))
    else error.chunks.push(chunk)
  }

  /** The provider refused: it took nothing, and its refusal is passed on as it is. */
  async function finishError(): Promise<void> {
    const status = answer?.status ?? null
    if ((await settling.void(status)) === 'late') return lateEnd()
    if (answer?.kind === 'redirect')
      fail(
        new PublicError(
          'upstream_redirect',
          `${call.deployment.provider} answered with a redirect, which is not followed.`,
        ),
      )
    else {
      for (const chunk of (answer as Refused).chunks) client.send(chunk)
      client.end()
    }
    done()
  }

  async function finishBroken(error: Error): Promise<void> {
    if (answer?.kind === 'error' || answer?.kind === 'redirect' || !controller) {
      await settling.void(answer?.status ?? null)
      fail(unreachable(call, error))
    } else if (settling.begun) {
      // The terminal frame had come: what broke afterwards is no part of the answer.
      if ((await settling.settle('completed', seen())) === 'late') return lateEnd()
      client.end()
    } else {
      await settling.settle(clientLeft ? 'cancelled' : 'upstream_error', seen())
      if (client.headSent || clientLeft) client.cut()
      else fail(unreachable(call, error))
    }
    done()
  }

  function fail(error: PublicError): void {
    if (!clientLeft) sendError(response, format, error.body, call.id)
  }

  /** The ledger did not answer in time: an answer that is not booked is not finished. */
  function lateEnd(): void {
    if (client.headSent) client.cut()
    else fail(new PublicError('ledger_unavailable', 'The ledger cannot be written now.', { retryAfterSeconds: 1 }))
    done()
  }

  function pauseUntilDrained(): void {
    if (paused) return
    paused = true
    controller?.pause()
    response.once('drain', () => {
      paused = false
      controller?.resume()
    })
  }

  function done(): void {
    drain?.end()
    response.off('close', leave)
    finish()
  }

  /** The client hung up before its answer was complete: the stated policy of the deployment decides. */
  function leave(): void {
    if (settling.begun) return
    clientLeft = true
    if (call.deployment.disconnect === 'drain') drain = gateway.drains.begin(() => controller?.abort(LEFT))
    if (drain) controller?.resume()
    else controller?.abort(LEFT)
  }

  response.on('close', leave)
  const { outgoing: body, deployment, endpoint } = call
  gateway.crashPoint(`held ${admitted.hold.id}`)
  try {
    forward(gateway, { deployment, endpoint, clientHeaders: call.request.headers, body }, handler)
  } catch (error) {
    void finishBroken(error as Error)
  }
  return promise
}

type Answer = Relayed | Refused | { readonly kind: 'redirect'; readonly status: number }
interface Relayed {
  readonly kind: 'relayed'
  readonly status: number
  readonly meter: Meter
  readonly framing: Framing
}
interface Refused {
  readonly kind: 'error'
  readonly status: number
  readonly chunks: Buffer[]
  size: number
}

function answerOf({ gateway, format, stripUsage }: Call, status: number, headers: IncomingHttpHeaders): Answer {
  if (status >= 400) return { kind: 'error', status, chunks: [], size: 0 }
  if (status >= 300) return { kind: 'redirect', status }
  const stream = /^text\/event-stream\b/i.test(headers['content-type'] ?? '')
  const framing = stream ? gateway.framings.stream() : gateway.framings.body()
  return { kind: 'relayed', status, meter: format.meter({ stream, stripUsage: stream && stripUsage }), framing }
}

function unreachable({ deployment }: Call, error: Error): PublicError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new PublicError('upstream_timeout', `${deployment.provider} did not answer in time.`)
  return new PublicError('upstream_unreachable', `${deployment.provider} could not be reached or broke off.`)
}
