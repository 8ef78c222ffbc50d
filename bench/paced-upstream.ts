import { createServer, type AddressInfo, type Socket } from 'node:net'
import { PROVIDER_HEADERS } from './call.ts'
import { readMessage } from './http-bytes.ts'
import { answerBody, firstFrame, lastFrames, nowUs, paceOf, tokenFrame } from './paced-call.ts'

/** A stand-in for a provider that answers as slowly as it is told to: see paced-call.ts. A process of its own, like upstream.ts. */

const head = (type: string, length: string) =>
  ['HTTP/1.1 200 OK', `content-type: ${type}`, ...PROVIDER_HEADERS, length, '', ''].join('\r\n')
const STREAM_HEAD = head('text/event-stream; charset=utf-8', 'transfer-encoding: chunked')
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

function answer(socket: Socket, body: string): void {
  const { tokens, everyMs, stream, usage } = paceOf(body)
  const cameUs = nowUs()
  // By the clock that the call began with, so that an answer takes as long as it should, however late single tokens are.
  const atTurn = (turn: number, does: () => void) => {
    const inMs = Math.max(1, (cameUs - nowUs()) / 1000 + turn * everyMs)
    setTimeout(() => socket.writable && does(), inMs)
  }
  const sayAll = () => {
    const text = answerBody(tokens, nowUs() - cameUs)
    socket.write(head('application/json', `content-length: ${text.length}`) + text, 'latin1')
  }
  const say = (turn: number) => {
    const sentUs = nowUs()
    const begin = turn === 1 ? STREAM_HEAD + chunk(firstFrame(sentUs - cameUs)) : ''
    const end = turn === tokens ? `${chunk(lastFrames(tokens, usage))}0\r\n\r\n` : ''
    socket.write(begin + chunk(tokenFrame(sentUs)) + end, 'latin1')
    if (turn < tokens) atTurn(turn + 1, () => say(turn + 1))
  }
  if (stream) atTurn(1, () => say(1))
  else atTurn(tokens, sayAll)
}

const server = createServer({ noDelay: true }, (socket) => {
  let pending = ''
  socket.on('data', (bytes: Buffer) => {
    pending += bytes.toString('latin1')
    const message = readMessage(pending, 0)
    if (message === undefined) return
    pending = pending.slice(message.end)
    answer(socket, message.body)
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
