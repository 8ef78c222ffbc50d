import { performance } from 'node:perf_hooks'
import type { Dispatcher } from 'undici'
import type { Framed, Meter } from '../core/ports/format.ts'
import type { Call } from './call.ts'
import { openClient } from './client.ts'
import type { Drain } from './drain.ts'
import { brokenError, type Failure, ownFailure, stoppingError, unbookedError } from './failure.ts'
import { forward } from './forward.ts'
import { ourHeaders } from './our-headers.ts'
import { failureOfRefusal, keepRefusal } from './provider-refusal.ts'
import { relayedHeaders } from './respond.ts'
import { holdSettling, type Seen } from './settle.ts'
import { answerOf, type Relayed, type UpstreamAnswer } from './upstream-answer.ts'

/** What may wait for an entry, which no client hurries on: an answer's last frame may be large, and little comes behind it. */
const WAITING_CAP_BYTES = 16 * 1024 * 1024
const LEFT = new Error('the client left')
const CUT = new Error('the server is stopping')

/**
 * Sends an admitted call and relays its answer frame by frame. Resolves when the hold has met its end, on every way that
 * this can go, and never rejects: undefined where the client has its answer, or a failure that is still to be told.
 */
export function relay(call: Call): Promise<Failure | undefined> {
  const { gateway, response, admitted, deployment } = call
  const { promise, resolve: finish } = Promise.withResolvers<Failure | undefined>()
  const client = openClient(response)
  const settling = holdSettling(call)

  let controller: Dispatcher.DispatchController | undefined
  let answer: UpstreamAnswer | undefined
  let firstByteMs: number | null = null
  let unreadBytes = 0
  let upstreamEnded = false
  /** Why nobody waits for the answer any more. */
  let given: { readonly up: 'client left' | 'server stops' } | undefined
  let brokeOff = false
  let paused = false
  let drain: Drain | undefined

  const seen = (): Seen => ({
    meter: answer?.kind === 'relayed' ? answer.meter.reading() : undefined,
    httpStatus: answer?.status ?? null,
    firstByteMs,
    unreadBytes,
  })
  /** How the attempt ended, where the provider did not bring it to an end. */
  const brokenOutcome = () => {
    if (!given) return 'upstream_error'
    return given.up === 'client left' ? 'cancelled' : 'cut'
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      if (given && !drain) return started.abort(given.up === 'client left' ? LEFT : CUT)
      controller = started
      if (admitted.hold.attempt === 1) gateway.events.sent(performance.now() - call.startedAtMs)
      gateway.crashPoint('sent')
    },
    onResponseStart(started, status, headers) {
      answer = answerOf(call, status, headers)
      // What a stream keeps it keeps for long, and for a full collection to look at: nothing that it needs no more.
      started.rawHeaders = null
      if (answer.kind === 'relayed') call.body.forget()
      client.open(status, () => ({ ...relayedHeaders(headers), ...ourHeaders(call) }))
    },
    onResponseData(_controller, chunk) {
      firstByteMs ??= Math.round(performance.now() - call.startedAtMs)
      drain?.took(chunk.length)
      if (answer?.kind === 'refused') {
        if (!keepRefusal(answer, chunk)) controller?.abort(new Error('the error is too long'))
        return
      }
      if (answer?.kind === 'relayed') relayFrames(answer.meter, answer.framing.push(chunk))
      if (client.waitingBytes() > WAITING_CAP_BYTES) controller?.abort(new Error('too much comes behind its end'))
    },
    onResponseEnd() {
      upstreamEnded = true
      void (answer?.kind === 'relayed' ? finishAnswer(answer) : finishRefused(answer!))
    },
    onResponseError(_controller, error) {
      void finishBroken(error)
    },
  }

  function relayFrames(meter: Meter, framed: readonly Framed[]): void {
    for (const piece of framed) {
      const verdict = piece.kind === 'frame' ? meter.frame(piece.frame) : 'pass'
      const raw = piece.kind === 'frame' ? piece.frame.raw : piece.raw
      if (piece.kind === 'unread') unreadBytes += raw.length
      if (verdict === 'hold' && !settling.hasBegun()) {
        client.hold()
        client.send(raw)
        void settleAtTerminal()
        continue
      }
      if (verdict === 'keep') client.hold()
      if (typeof verdict === 'object') client.send(verdict.replaceWith)
      else if (verdict !== 'drop') client.send(raw)
    }
    if (!given && !client.flush()) pauseUntilDrained()
  }

  /** The answer is complete: the provider has nothing more to say that counts. */
  async function settleAtTerminal(): Promise<void> {
    const { meter } = seen()
    const outcome = meter?.finished && !meter.failed && !given ? 'completed' : brokenOutcome()
    if ((await settling.settle(outcome, seen())) === 'late') return lateEnd()
    gateway.crashPoint('settled, not yet told')
    // Where the provider has ended too, what is left is written with the end, and its length is known.
    if (upstreamEnded) return
    client.release()
    client.flush()
  }

  async function finishAnswer({ meter, framing, stream }: Relayed): Promise<void> {
    // What comes last is never written before the entry, whatever the frames say.
    client.hold()
    const last = framing.end()
    relayFrames(meter, last)
    const { finished, failed } = meter.reading()
    // A plain answer that was too large to be read ends where its provider ends it.
    const isWhole = finished || (!stream && last.some(({ kind }) => kind === 'unread'))
    const outcome = isWhole && !failed && !given ? 'completed' : brokenOutcome()
    if ((await settling.settle(outcome, seen())) === 'late') return lateEnd()
    client.end()
    done(undefined)
  }

  async function finishRefused(refused: Exclude<UpstreamAnswer, Relayed>): Promise<void> {
    if ((await settling.void(refused.status)) === 'late') return lateEnd()
    done(failureOfRefusal(call, client, refused))
  }

  async function finishBroken(error: Error): Promise<void> {
    const broken = ownFailure(call, brokenError(deployment, error), answer === undefined)
    if (settling.hasBegun()) {
      // The terminal frame had come: what broke afterwards is no part of the answer.
      if ((await settling.settle('completed', seen())) === 'late') return lateEnd()
      client.end()
      return done(undefined)
    }
    brokeOff = true
    if (answer?.kind === 'relayed' && !given) gateway.health.failed(deployment, broken.reason, undefined)
    const took = answer?.kind === 'relayed' || (controller && !answer)
    if (took) await settling.settle(brokenOutcome(), seen())
    else await settling.void(answer?.status ?? null)
    if (!response.headersSent && !given) return done(broken)
    if (given?.up === 'server stops' && !response.headersSent) ownFailure(call, stoppingError(), false).tell()
    else client.cut()
    done(undefined)
  }

  /** The ledger did not answer in time: an answer that is not booked is not finished. */
  function lateEnd(): void {
    if (!response.headersSent) return done(ownFailure(call, unbookedError(), false))
    client.cut()
    done(undefined)
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

  function done(failed: Failure | undefined): void {
    drain?.end()
    response.off('close', leave)
    ended()
    // A request that is at fault itself says nothing about the deployment, and neither does a client that left.
    if (failed?.retriable) gateway.health.failed(deployment, failed.reason, failed.retryAfterMs)
    else if (answer && !given && !brokeOff) gateway.health.succeeded(deployment, firstByteMs)
    finish(failed)
  }

  /** The client hung up before its answer was complete: the stated policy of the deployment decides. */
  function leave(): void {
    if (settling.hasBegun() || given) return
    given = { up: 'client left' }
    if (deployment.disconnect === 'drain') drain = gateway.drains.begin(() => controller?.abort(LEFT))
    if (drain) controller?.resume()
    else controller?.abort(LEFT)
  }

  function cut(): void {
    if (settling.hasBegun()) return
    given = { up: 'server stops' }
    controller?.abort(CUT)
  }

  const ended = gateway.openCalls.begin(cut)
  response.on('close', leave)
  gateway.crashPoint(`held ${admitted.hold.id}`)
  try {
    const { errand, request, outgoing: body } = call
    forward(gateway, { deployment, errand, clientHeaders: request.headers, body }, handler)
  } catch (error) {
    void finishBroken(error as Error)
  }
  return promise
}
