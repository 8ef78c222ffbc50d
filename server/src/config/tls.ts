import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigurationError } from '../core/errors.ts'

/** Where a certificate (with its chain) and its key are, both as PEM. */
export interface TlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
}

export interface TlsPair {
  readonly cert: string
  readonly key: string
}

/** Reads the pair, and makes sure that it can be used. Throws ConfigurationError, one line; no line has any of the key. */
export function readTls({ certificateFile, keyFile }: TlsFiles): TlsPair {
  const cert = read('TLS_CERT_FILE', certificateFile)
  const key = read('TLS_KEY_FILE', keyFile)
  part('TLS_CERT_FILE', certificateFile, 'is no certificate in PEM', () => createSecureContext({ cert }))
  part('TLS_KEY_FILE', keyFile, 'is no private key in PEM without a passphrase', () => createSecureContext({ key }))
  part('TLS_KEY_FILE', keyFile, `is not the key of the certificate in ${certificateFile}`, () =>
    createSecureContext({ cert, key }),
  )
  return { cert, key }
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`${name} ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

function part(name: string, file: string, problem: string, attempt: () => unknown): void {
  try {
    attempt()
  } catch {
    throw new ConfigurationError(`${name} ${file} ${problem}.`)
  }
}
