import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { PublicError } from '../core/errors.ts'
import type { ReadBody } from '../core/ports/format.ts'
import { parseRequestBody } from '../core/request-body.ts'
import { BODY_CAP_BYTES } from './routes.ts'

const DECODERS: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a request's body whole, up to the cap before and after decoding, and parses it strictly. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const type = request.headers['content-type']
  // AWS's SDK for JavaScript calls the body of an InvokeModel octets unless it is told otherwise.
  if (type !== undefined && !/^application\/(?:json|octet-stream)\s*(;|$)/i.test(type))
    throw new PublicError('unsupported_media_type', `The body is ${type}; this API takes application/json.`)
  const encoded = await collect(request)
  const decoded = await decode(encoded, request.headers['content-encoding'])
  try {
    return parseRequestBody(UTF8.decode(decoded))
  } catch (error) {
    if (error instanceof TypeError) throw new PublicError('invalid_json', 'The body is not valid UTF-8.')
    throw error
  }
}

function collect(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_CAP_BYTES) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > BODY_CAP_BYTES) {
        request.pause()
        reject(tooLarge())
      } else chunks.push(chunk)
    }
    const end = () => {
      // The request lives as long as its answer, and would hold the bytes for as long.
      request.off('data', take).off('end', end).off('error', reject).off('close', close)
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))
    }
    const close = () => {
      if (!request.complete) reject(new PublicError('invalid_request', 'The connection closed inside the body.'))
    }
    request.on('data', take).on('end', end).on('error', reject).on('close', close)
  })
}

async function decode(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (!decoder)
    throw new PublicError(
      'unsupported_media_type',
      `The content encoding ${encoding} is not known here; gzip, deflate, br and zstd are.`,
    )
  try {
    return await decoder(body, { maxOutputLength: BODY_CAP_BYTES })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new PublicError('invalid_request', `The body is not valid ${encoding}.`)
  }
}

function tooLarge(): PublicError {
  return new PublicError('body_too_large', `The body is larger than ${BODY_CAP_BYTES} bytes, decoded.`)
}
