import type { Framed, Framing } from '../../core/ports/format.ts'
import { byteBuffer } from './byte-buffer.ts'

/** A larger answer is relayed without being read: its usage is then estimated. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024

/**
 * A plain JSON answer as one frame, given by end(). Above `mostBytes` its bytes pass as they come, save the last
 * chunk: that one waits for end() too, so that no client has the whole answer before its entry is durable.
 */
export function jsonBodyFraming(mostBytes = MAX_BODY_BYTES): Framing {
  const kept = byteBuffer()
  let passing = false
  return {
    push(chunk) {
      if (chunk.length === 0) return []
      if (!passing && kept.size() + chunk.length <= mostBytes) {
        kept.append(chunk)
        return []
      }
      passing = true
      const before = kept.take()
      kept.append(chunk)
      return unread(before)
    },
    end() {
      const raw = kept.take()
      if (passing || raw.length === 0) return unread(raw)
      return [{ kind: 'frame', frame: { raw, event: '', data: raw.toString() } }]
    },
  }
}

function unread(raw: Buffer): readonly Framed[] {
  return raw.length === 0 ? [] : [{ kind: 'unread', raw }]
}
