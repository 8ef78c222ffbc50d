import type { Framing } from '../../core/ports/format.ts'
import { eventStreamFraming } from './event-stream.ts'
import { jsonArrayFraming } from './json-array.ts'
import { jsonBodyFraming } from './json-body.ts'
import { sseFraming } from './sse.ts'

/**
 * How the bytes of an answer are cut, by its content type and by whether the client asked for a stream. `stream`:
 * whether frames come one by one for sure: JSON may be an array in pieces or one object, whatever was asked for. What is
 * compressed although nobody asked for that passes unread.
 */
export function framingOf(
  contentType: string,
  asked: boolean,
  encoding = 'identity',
): { readonly framing: Framing; readonly stream: boolean } {
  if (encoding !== 'identity') return { framing: jsonBodyFraming(0), stream: false }
  if (/^text\/event-stream\b/i.test(contentType)) return { framing: sseFraming(), stream: true }
  if (/^application\/vnd\.amazon\.eventstream\b/i.test(contentType))
    return { framing: eventStreamFraming(), stream: true }
  return { framing: asked ? jsonArrayFraming() : jsonBodyFraming(), stream: false }
}
