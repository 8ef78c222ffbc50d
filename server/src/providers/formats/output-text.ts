/** Generated text for an estimate: the first part of it, and how long it all is, so that memory stays flat. */
export interface OutputText {
  /** Adds a string; a list of parts adds the text or thinking of each; anything else is no text. */
  readonly add: (piece: unknown) => void
  text(): string
  /** In UTF-16 units. */
  length(): number
}

/** Characters that are kept; what is beyond is estimated from its length. */
export const MAX_KEPT_TEXT = 256 * 1024

const FIRST_BYTES = 1024

/**
 * Pieces are kept as bytes of one buffer: a stream's text added up as a string would be two objects for each of its frames, which
 * live as long as the stream, and the collector has to go through all of them.
 */
export function outputText(): OutputText {
  let kept = Buffer.alloc(0)
  let keptBytes = 0
  let length = 0
  const keep = (piece: string) => {
    const bytes = Math.min(piece.length * 2, MAX_KEPT_TEXT * 2 - keptBytes)
    if (keptBytes + bytes > kept.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * (keptBytes + bytes)))
      kept.copy(larger, 0, 0, keptBytes)
      kept = larger
    }
    keptBytes += kept.write(piece, keptBytes, bytes, 'utf16le')
  }
  const add = (piece: unknown, depth: number) => {
    if (typeof piece === 'string') {
      length += piece.length
      keep(piece)
    } else if (Array.isArray(piece) && depth < MAX_DEPTH) {
      for (const part of piece)
        if (part !== null && typeof part === 'object') add(part.text ?? part.thinking ?? part.refusal, depth + 1)
    }
  }
  return {
    add: (piece) => add(piece, 0),
    text: () => kept.toString('utf16le', 0, keptBytes),
    length: () => length,
  }
}
/** Parts of a thinking part are the deepest that any host sends. */
const MAX_DEPTH = 2
