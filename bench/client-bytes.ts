import { connect, type Socket } from 'node:net'

/** What the load generators send, ready-made. */

export interface Address {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export function openConnection(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

export function requestBytes({ port, path, headers }: Address, body: string): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    connection: 'keep-alive',
    accept: 'application/json',
    'user-agent': 'OpenAI/JS 6.0.0',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from([`POST ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'))
}
