import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A door of our own to our own routes, open to this machine alone. */
export interface Loopback {
  readonly url: string
  /** Who answers there; what it does not take is cut off. */
  answerBy(router: (request: IncomingMessage, response: ServerResponse) => boolean): void
  close(): Promise<void>
}

export async function openLoopback(): Promise<Loopback> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerBy(router) {
      server.on('request', (request, response) => {
        if (!router(request, response)) response.destroy()
      })
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
