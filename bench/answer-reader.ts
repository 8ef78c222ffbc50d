/** What is told of the answers on one connection, as their bytes come. */
export interface AnswerListener {
  head(head: string): void
  /** A piece of the body, without the marks of its chunks. */
  body(text: string): void
  end(): void
}

/**
 * Reads answers that come slowly, where `readMessage` waits for all of one. The function that it answers takes what came,
 * in latin1, and throws on what these few peers do not send.
 */
export function answerReader(listener: AnswerListener): (bytes: string) => void {
  let pending = ''
  let reads: 'head' | 'length' | 'size' | 'chunk' | 'after chunk' | 'after last' = 'head'
  let left = 0

  const taken = (count: number) => {
    const text = pending.slice(0, count)
    pending = pending.slice(count)
    return text
  }
  const lineEnding = (next: typeof reads) => {
    if (pending.length < 2) return false
    if (taken(2) !== '\r\n') throw new Error('No end of a line where one should be')
    reads = next
    return true
  }
  const step = {
    head() {
      const headEnd = pending.indexOf('\r\n\r\n')
      if (headEnd === -1) return false
      const head = taken(headEnd + 4)
      listener.head(head)
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
      if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(head))
        throw new Error(`An answer without a length: ${head}`)
      left = Number(length)
      reads = length === undefined ? 'size' : 'length'
      return true
    },
    length() {
      if (pending === '' && left > 0) return false
      const text = taken(left)
      left -= text.length
      if (text !== '') listener.body(text)
      if (left > 0) return false
      reads = 'head'
      listener.end()
      return true
    },
    size() {
      const lineEnd = pending.indexOf('\r\n')
      if (lineEnd === -1) return false
      const line = taken(lineEnd + 2)
      left = Number.parseInt(line, 16)
      if (!(left >= 0)) throw new Error(`Not a chunk size: ${line}`)
      reads = left === 0 ? 'after last' : 'chunk'
      return true
    },
    chunk() {
      if (pending === '') return false
      const text = taken(left)
      left -= text.length
      listener.body(text)
      if (left === 0) reads = 'after chunk'
      return true
    },
    'after chunk': () => lineEnding('size'),
    'after last'() {
      if (!lineEnding('head')) return false
      listener.end()
      return true
    },
  }
  return (bytes) => {
    pending += bytes
    let goesOn = true
    while (goesOn) goesOn = pending !== '' && step[reads]()
    // An answer without a body ends with its head.
    if (reads === 'length' && left === 0) step.length()
  }
}
