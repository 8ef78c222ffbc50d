import type { Framing } from '../../core/ports/format.ts'
import { jsonBodyFraming } from './json-body.ts'
import { sseFraming } from './sse.ts'

/**
 * How the bytes of an answer are cut, by its content type and by whether the client asked for a stream. `stream`:
 * whether its frames come one by one.
 */
export function framingOf(
  contentType: string,
  _asked: boolean,
): { readonly framing: Framing; readonly stream: boolean } {
  if (/^text\/event-stream\b/i.test(contentType)) return { framing: sseFraming(), stream: true }
  return { framing: jsonBodyFraming(), stream: false }
}
