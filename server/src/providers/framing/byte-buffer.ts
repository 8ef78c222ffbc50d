/** Bytes that are still waiting for their end. Grows by doubling, so that bytes that come one by one cost no more. */
export interface ByteBuffer {
  size(): number
  append(bytes: Buffer): void
  /** All of it, leaving nothing. */
  take(): Buffer
}

export function byteBuffer(): ByteBuffer {
  let room = EMPTY
  let length = 0
  return {
    size: () => length,
    append(bytes) {
      if (length + bytes.length > room.length) {
        const larger = Buffer.allocUnsafe(Math.max(SMALLEST, 2 * room.length, length + bytes.length))
        room.copy(larger, 0, 0, length)
        room = larger
      }
      bytes.copy(room, length)
      length += bytes.length
    },
    take() {
      const taken = room.subarray(0, length)
      room = EMPTY
      length = 0
      return taken
    },
  }
}

const EMPTY = Buffer.alloc(0)
const SMALLEST = 512
