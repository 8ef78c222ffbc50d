import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * What happens to a transaction: `throttle` and `conflict` are answered as Amazon does and go no further; of `drop` it
 * happens, and its answer is not handed on.
 */
export type DynamoFault = 'throttle' | 'conflict' | 'drop'

/** An HTTP proxy before DynamoDB Local, which has none of the bad days that Amazon's has. */
export interface DynamoProxy {
  readonly url: string
  /** How many transactions met a fault. */
  readonly faults: () => number
  /** The next transactions, so many, meet this fault. */
  fail(fault: DynamoFault, count: number): void
  /** From now on nobody listens; what is under way is cut. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

const PREFIX = 'com.amazonaws.dynamodb.v20120810#'
const ANSWERS = {
  throttle: { __type: `${PREFIX}ProvisionedThroughputExceededException`, message: 'The throughput is exceeded.' },
  conflict: {
    __type: `${PREFIX}TransactionCanceledException`,
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]',
    CancellationReasons: [{ Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }],
  },
}

export async function startDynamoProxy(to: string): Promise<DynamoProxy> {
  let fault: DynamoFault = 'throttle'
  let left = 0
  let faults = 0

  async function forward(from: IncomingMessage, answer: ServerResponse, isDropped: boolean): Promise<void> {
    const body = await buffer(from)
    const onward = request(to, { method: from.method, headers: from.headers, path: from.url })
    onward.end(body)
    const [response] = (await once(onward, 'response')) as [IncomingMessage]
    const content = await buffer(response)
    if (isDropped) return void from.socket.destroy()
    answer.writeHead(response.statusCode ?? 500, response.headers).end(content)
  }

  const server = createServer((from, answer) => {
    const isTransaction = String(from.headers['x-amz-target']).endsWith('.TransactWriteItems')
    const met = isTransaction && left > 0 ? fault : undefined
    if (met) {
      left -= 1
      faults += 1
    }
    if (met === 'throttle' || met === 'conflict') {
      from.resume()
      answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(ANSWERS[met]))
      return
    }
    forward(from, answer, met === 'drop').catch(() => from.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const goAway = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}`,
    faults: () => faults,
    fail(next, count) {
      fault = next
      left = count
    },
    goAway,
    async comeBack() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    close: () => (server.listening ? goAway() : Promise.resolve()),
  }
}
