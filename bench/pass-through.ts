import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

/**
 * The least that a Node proxy can do: `node:http` in front, undici's dispatch behind, bytes handed over as they come.
 * It swaps the credential, drops the hop-by-hop headers, and neither parses, meters nor limits anything.
 */

const upstream = new Pool(process.argv[2] ?? 'http://127.0.0.1:1', { pipelining: 1 })

function forward(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  upstream.dispatch(
    {
      path: request.url ?? '/',
      method: 'POST',
      headers: { 'content-type': request.headers['content-type'], authorization: 'Bearer upstream-key' },
      body,
    },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, { connection: _connection, 'keep-alive': _keepAlive, ...headers }) => {
        response.writeHead(status, headers)
      },
      onResponseData: (_controller, chunk) => {
        response.write(chunk)
      },
      onResponseEnd: () => {
        response.end()
      },
      onResponseError: (_controller, error) => {
        response.destroy(error)
      },
    },
  )
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => forward(request, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), response))
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})
