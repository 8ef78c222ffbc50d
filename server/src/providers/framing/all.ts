import type { Framing } from '../../core/ports/format.ts'
import { eventStreamFraming } from './event-stream.ts'
import { jsonArrayFraming } from './json-array.ts'
import { jsonBodyFraming } from './json-body.ts'
import { sseFraming } from './sse.ts'

/**
 * How the bytes of an answer are cut, by its content type and by whether the client asked for a stream. `stream`:
 * whether frames come one by one for sure: JSON may be an array in pieces or one object, whatever was asked for.
 */
export function framingOf(
  contentType: string,
  asked: boolean,
): { readonly framing: Framing; readonly stream: boolean } {
  if (/^text\/event-stream\b/i.test(contentType)) return { framing: sseFraming(), stream: true }
  if (/^application\/vnd\.amazon\.eventstream\b/i.test(contentType))
    return { framing: eventStreamFraming(), stream: true }
  return { framing: asked ? jsonArrayFraming() : jsonBodyFraming(), stream: false }
}
