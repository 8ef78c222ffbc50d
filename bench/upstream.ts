import { createServer, type AddressInfo } from 'node:net'
import { ANSWER_BODY, PROVIDER_HEADERS } from './call.ts'
import { readMessage } from './http-bytes.ts'

/**
 * A stand-in for a provider, as cheap as it can be: one ready-made answer, at once, with the headers that a provider
 * sends. A process of its own; it tells its port over IPC and ends with its parent.
 */

const ANSWER = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    ...PROVIDER_HEADERS,
    `content-length: ${Buffer.byteLength(ANSWER_BODY)}`,
    '',
    ANSWER_BODY,
  ].join('\r\n'),
)

const server = createServer({ noDelay: true }, (socket) => {
  let pending = ''
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    let from = 0
    for (let message = readMessage(pending, from); message !== undefined; message = readMessage(pending, from)) {
      from = message.end
      socket.write(ANSWER)
    }
    pending = from === pending.length ? '' : pending.slice(from)
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
