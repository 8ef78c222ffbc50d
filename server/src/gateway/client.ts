import type { ServerResponse } from 'node:http'

/** The client's side of a relayed answer: bytes in order, some of which wait until the entry is durable. */
export interface Client {
  /** The head of the answer. It is written with the first bytes, so that a short answer can still tell its length. */
  open(status: number, headers: () => Record<string, string | string[]>): void
  send(bytes: Buffer): void
  /** From here on, bytes wait. */
  hold(): void
  /** What waited is written, and later bytes pass at once. */
  release(): void
  end(): void
  /** Ends the connection without an ending, as a broken provider would. */
  cut(): void
  /** How many bytes wait. No getter: each literal with one is a hidden class of its own to V8, which outlives its call. */
  waitingBytes(): number
  /** Writes what was sent in this turn as one piece; false where the client does not keep up. */
  flush(): boolean
}

/**
 * Node keeps an answer's head for as long as the answer lasts, as the tree of some dozens of pieces that it was put
 * together of. A pattern that is looked for makes one string of it.
 */
function makeOnePiece(response: ServerResponse): void {
  const { _header: head } = response as ServerResponse & { readonly _header?: string }
  if (head !== undefined) ONE_PIECE.test(head)
}
const ONE_PIECE = /^HTTP/

export function openClient(response: ServerResponse): Client {
  let status = 502
  let headers: (() => Record<string, string | string[]>) | undefined
  let queue: Buffer[] = []
  let holdFrom: number | undefined
  let waitingBytes = 0

  function take(count: number): Buffer | undefined {
    const ready = queue.slice(0, count)
    queue = queue.slice(count)
    return ready.length > 1 ? Buffer.concat(ready) : ready[0]
  }
  function writeHead(length?: number): void {
    if (response.headersSent) return
    response.writeHead(status, { ...headers?.(), ...(length !== undefined && { 'content-length': length }) })
    headers = undefined
    makeOnePiece(response)
  }
  function flush(): boolean {
    const bytes = take(holdFrom ?? queue.length)
    if (holdFrom !== undefined) holdFrom = 0
    if (!bytes || response.destroyed) return true
    writeHead()
    return response.write(bytes)
  }
  return {
    waitingBytes: () => waitingBytes,
    open(answerStatus, answerHeaders) {
      status = answerStatus
      headers = answerHeaders
    },
    send(bytes) {
      queue.push(bytes)
      if (holdFrom !== undefined) waitingBytes += bytes.length
    },
    hold() {
      holdFrom ??= queue.length
    },
    release() {
      holdFrom = undefined
      waitingBytes = 0
    },
    flush,
    end() {
      holdFrom = undefined
      const bytes = take(queue.length)
      if (response.destroyed) return
      writeHead(bytes?.length ?? 0)
      response.end(bytes)
    },
    cut() {
      response.destroy()
    },
  }
}
