import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy before a database, which can cut a connection at the worst moment. */
export interface DatabaseProxy {
  readonly port: number
  /** How many answers it has swallowed. */
  readonly cuts: () => number
  /**
   * Of the next requests whose bytes contain the text, so many are handed on, and their answers are not: the connection
   * ends in their place, when the database has begun to answer.
   */
  cutAnswers(text: string, count: number): void
  close(): Promise<void>
}

export async function startDatabaseProxy(to: number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  let wanted = ''
  let left = 0
  let cuts = 0

  const server = createServer((client) => {
    const database = connect(to, '127.0.0.1')
    let isDoomed = false
    const end = () => {
      client.destroy()
      database.destroy()
    }
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    client.on('data', (bytes) => {
      if (left > 0 && bytes.includes(wanted)) {
        left -= 1
        isDoomed = true
      }
      database.write(bytes)
    })
    database.on('data', (bytes) => {
      if (!isDoomed) {
        client.write(bytes)
        return
      }
      cuts += 1
      end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    cutAnswers(text, count) {
      wanted = text
      left = count
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
