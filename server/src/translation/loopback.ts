import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, fetch as undiciFetch } from 'undici'

/** A door of our own to our own routes, open to this machine alone. */
export interface Loopback {
  readonly url: string
  /** Whether a request came in here. */
  has(request: IncomingMessage): boolean
  /** Asks there, and waits as long as it takes: the native route knows how long a provider may think. */
  readonly fetch: typeof fetch
  /** Who answers there; what it does not take is cut off. */
  answerBy(router: (request: IncomingMessage, response: ServerResponse) => boolean): void
  close(): Promise<void>
}

export async function openLoopback(): Promise<Loopback> {
  const server = createServer()
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    has: ({ socket }) => socket.localPort === port && socket.localAddress === '127.0.0.1',
    // The types of Node's own fetch and of the package's are of different versions.
    fetch: ((url: string, options: object) => undiciFetch(url, { ...options, dispatcher: agent })) as typeof fetch,
    answerBy(router) {
      server.on('request', (request, response) => {
        if (!router(request, response)) response.destroy()
      })
    },
    async close() {
      await agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
