import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import type { Reading } from '../core/entry.ts'
import { outputTokens, totalTokens } from '../core/usage.ts'
import { bytesOf, type Recording, RECORDINGS, replay, requestOf } from '../providers/conformance/replay.ts'
import { FORMATS } from '../providers/formats/all.ts'
import { framingOf } from '../providers/framing/all.ts'
import { relay } from './relay.ts'
import { callOf, FakeResponse } from './relay.test.fixture.ts'

/** Streams that come to a good end with their usage: what a cut takes away from them can be told. */
const streams = RECORDINGS.filter(
  ({ mode, response, expected }) =>
    mode === 'stream' &&
    response.status === 200 &&
    expected.finished &&
    !expected.failed &&
    expected.usage &&
    outputTokens(expected.usage) !== undefined &&
    !expected.implausible,
)

type Ending =
  | 'the provider breaks off'
  | 'the client leaves, and the provider is aborted'
  | 'the client leaves, and the provider is drained'
const ENDINGS: readonly Ending[] = [
  'the provider breaks off',
  'the client leaves, and the provider is aborted',
  'the client leaves, and the provider is drained',
]

describe.each(streams)('$format/$name', (recording) => {
  const pieces = piecesOf(recording)
  const whole = replay(recording, pieces)

  test.each(ENDINGS)('cut after each frame, when %s: the entry that the policy predicts', async (ending) => {
    for (let cut = 0; cut <= pieces.length; cut++) {
      const seen = replayUpTo(recording, pieces, cut)
      const { reading, sent, ends, hungUp } = await cutAfter(recording, pieces, cut, ending)
      const isOver = seen.terminal
      const isDrained = ending === 'the client leaves, and the provider is drained'
      const isKnown = isOver || isDrained || (seen.reading.finished && seen.reading.usage !== undefined)
      // M10: in the very turn in which the client leaves, no timer and no byte of the provider's between.
      expect({ cut, hungUp }).toEqual({ cut, hungUp: ending.endsWith('aborted') && !isOver })
      expect({ cut, ends, outcome: reading.outcome, evidence: reading.evidence }).toEqual({
        cut,
        ends: 1,
        outcome: isOver ? 'completed' : ending === 'the provider breaks off' ? 'upstream_error' : 'cancelled',
        evidence: isKnown ? 'reported' : 'estimated',
      })
      if (isOver || isDrained) expect(reading.usage).toEqual(recording.expected.usage)
      else
        expect(totalTokens(reading.usage) ?? 0).toBeGreaterThanOrEqual(
          seen.reading.usage ? (totalTokens(seen.reading.usage) ?? 0) : 0,
        )
      expect(whole.relayed.subarray(0, sent.length).equals(sent)).toBe(true)
    }
  })
})

test('streams of every API are cut', () => {
  const streaming = new Set(RECORDINGS.filter(({ mode }) => mode === 'stream').map(({ format }) => format))
  expect(new Set(streams.map(({ format }) => format))).toEqual(streaming)
})

/** The bytes of each frame, and those between frames. */
function piecesOf(recording: Recording): Buffer[] {
  const { framing } = framingOf(recording.response.headers['content-type'] ?? '', true)
  return [...framing.push(bytesOf(recording)), ...framing.end()].map((piece) =>
    piece.kind === 'frame' ? piece.frame.raw : piece.raw,
  )
}

/** What the first pieces say, without the end of the answer, which would complete a frame that is not complete. */
function replayUpTo(recording: Recording, pieces: readonly Buffer[], count: number) {
  const format = FORMATS[recording.format]
  const { framing, stream } = framingOf(recording.response.headers['content-type'] ?? '', true)
  const stripUsage = stream && !format.reportsUsageUnasked(requestOf(recording))
  const meter = format.meter({ stream, headers: recording.response.headers, stripUsage })
  let terminal = false
  for (const piece of pieces.slice(0, count).flatMap((bytes) => framing.push(bytes)))
    if (piece.kind === 'frame' && meter.frame(piece.frame) === 'hold') terminal = true
  return { reading: meter.reading(), terminal }
}

/** Relays a recording whose stream meets this ending after so many pieces; answers what was booked and what was sent. */
async function cutAfter(recording: Recording, pieces: readonly Buffer[], cut: number, ending: Ending) {
  const readings: Reading[] = []
  const response = new FakeResponse()
  const disconnect = ending.endsWith('drained') ? 'drain' : 'abort'
  let handler!: Dispatcher.DispatchHandler
  let over = false
  const controller = {
    pause() {},
    resume() {},
    abort(error: Error) {
      if (over) return
      over = true
      queueMicrotask(() => handler.onResponseError?.(controller, error))
    },
  } as unknown as Dispatcher.DispatchController
  const call = callOf(
    recording,
    response,
    disconnect,
    (reading) => readings.push(reading),
    (given) => (handler = given),
  )
  const relayed = relay(call)
  handler.onRequestStart?.(controller, undefined)
  handler.onResponseStart?.(controller, 200, recording.response.headers, 'OK')
  for (const piece of pieces.slice(0, cut)) handler.onResponseData?.(controller, piece)
  let hungUp = false
  if (ending === 'the provider breaks off') controller.abort(new Error('reset'))
  else {
    response.leave()
    hungUp = over
    for (const piece of pieces.slice(cut)) if (!over) handler.onResponseData?.(controller, piece)
    if (!over) handler.onResponseEnd?.(controller, {})
  }
  await relayed
  return { reading: readings[0]!, ends: readings.length, sent: Buffer.concat(response.sent), hungUp }
}
