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

export function outputText(): OutputText {
  let text = ''
  let length = 0
  const add = (piece: unknown, depth: number) => {
    if (typeof piece === 'string') {
      length += piece.length
      if (text.length < MAX_KEPT_TEXT) text += piece.slice(0, MAX_KEPT_TEXT - text.length)
    } else if (Array.isArray(piece) && depth < MAX_DEPTH) {
      for (const part of piece)
        if (part !== null && typeof part === 'object') add(part.text ?? part.thinking ?? part.refusal, depth + 1)
    }
  }
  return {
    add: (piece) => add(piece, 0),
    text: () => text,
    length: () => length,
  }
}
/** Parts of a thinking part are the deepest that any host sends. */
const MAX_DEPTH = 2
