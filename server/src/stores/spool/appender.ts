import type { FileHandle } from 'node:fs/promises'

/** Appends lines durably. Those that come together wait for one flush to disk. */
export interface Appender {
  /** Where it rejects, nothing of the text is there, or it will be taken out again before anything else is. */
  append(text: string): Promise<void>
  /** Waits for what is under way; what comes later is rejected. */
  close(): Promise<void>
}

interface Waiting {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function appender(file: FileHandle): Appender {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let closed = false
  let durableBytes = 0
  /** Something was written behind what is durable, and is not. */
  let isTorn = false

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await write(Buffer.from(batch.map(({ text }) => text).join('')))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = undefined
  }

  async function write(bytes: Buffer): Promise<void> {
    if (isTorn) await file.truncate(durableBytes)
    isTorn = true
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, durableBytes + done)).bytesWritten
    await file.datasync()
    isTorn = false
    durableBytes += bytes.length
  }

  return {
    append: (text) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the file of the spool is closed'))
        waiting.push({ text, resolve, reject })
        running ??= run()
      }),
    async close() {
      closed = true
      await running
      await file.close()
    },
  }
}
