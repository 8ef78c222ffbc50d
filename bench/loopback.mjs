// Loaded before a peer that would listen on every interface: a benchmark is nobody else's business.
import { Server } from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number'
    ? listen.call(
        this,
        { port, host: '127.0.0.1' },
        rest.findLast((part) => typeof part === 'function'),
      )
    : listen.call(this, port, ...rest)
}
