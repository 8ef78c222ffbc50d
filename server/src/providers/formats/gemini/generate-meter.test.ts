import { expect, test } from 'vitest'
import type { Framing, Meter } from '../../../core/ports/format.ts'
import { bytesOf, recorded } from '../../conformance/replay.ts'
import { jsonArrayFraming } from '../../framing/json-array.ts'
import { sseFraming } from '../../framing/sse.ts'
import { geminiGenerateMeter } from './generate-meter.ts'
import { grounding } from './grounding.ts'

function verdicts(name: string, framing: Framing, stream: boolean): unknown[] {
  const meter: Meter = geminiGenerateMeter({ stream, headers: {} })
  const framed = [...framing.push(bytesOf(recorded(`gemini-generate/${name}`))), ...framing.end()]
  return framed.flatMap((piece) => (piece.kind === 'frame' ? [meter.frame(piece.frame)] : []))
}

test('I1: what comes from the end of the text on waits for the entry, since usage may still follow', () => {
  expect(verdicts('stream', sseFraming(), true)).toEqual(['pass', 'pass', 'keep'])
  expect(verdicts('stream-array', jsonArrayFraming(), false)).toEqual(['pass', 'pass', 'keep'])
  expect(verdicts('stream-usage-after-end', sseFraming(), true)).toEqual(['keep', 'keep'])
  expect(verdicts('stream-blocked', sseFraming(), true)).toEqual(['keep'])
  expect(verdicts('stream-candidates', sseFraming(), true)).toEqual(['pass', 'pass', 'keep'])
  expect(verdicts('stream-array-error-alone', jsonArrayFraming(), false)).toEqual(['hold'])
})

test('queries without end are not kept', () => {
  const grounded = grounding()
  for (let at = 0; at < 2000; at++) grounded.read({ webSearchQueries: [`query ${at}`] })
  expect(grounded.toolCalls('gemini-3-pro')).toEqual({ web_search: 1000 })
})

test('grounding by maps is counted beside searches', () => {
  const grounded = grounding()
  expect(grounded.toolCalls(null)).toBeUndefined()
  grounded.read({ groundingChunks: [{ maps: { uri: 'https://maps.example/a' } }] })
  expect(grounded.toolCalls(null)).toEqual({ google_maps: 1 })
})
