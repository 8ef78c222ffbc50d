import { createHash } from 'node:crypto'

/** Remembers the beginnings of conversations, as providers do to bill repeated ones at a lower rate. */
export interface PromptCache {
  /**
   * The share of the messages, in characters, that an earlier conversation began with too: whole messages only, and
   * never all of them. Remembers these messages for the next one.
   */
  share(messages: readonly string[]): number
}

/** `capacity`: beginnings that are remembered, oldest forgotten first. */
export function promptCache(capacity: number): PromptCache {
  const known = new Set<string>()
  return {
    share(messages) {
      let knownCharacters = 0
      let characters = 0
      const hash = createHash('sha256')
      messages.forEach((message, index) => {
        hash.update(`${message.length}:${message}`)
        characters += message.length
        const beginning = hash.copy().digest('base64')
        if (known.has(beginning) && index < messages.length - 1) knownCharacters = characters
        remember(beginning)
      })
      return characters === 0 ? 0 : knownCharacters / characters
    },
  }

  function remember(beginning: string): void {
    known.delete(beginning)
    known.add(beginning)
    const [oldest] = known
    if (known.size > capacity && oldest !== undefined) known.delete(oldest)
  }
}
