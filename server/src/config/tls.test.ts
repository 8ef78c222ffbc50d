import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ConfigurationError } from '../core/errors.ts'
import { FIRST, SECOND } from './tls.test.fixture.ts'
import { readTls, type TlsFiles, type TlsPair } from './tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'token-trackr-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function pair(name: string, { cert, key }: TlsPair): TlsFiles {
  const [certificateFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  writeFileSync(certificateFile, cert)
  writeFileSync(keyFile, key)
  return { certificateFile, keyFile }
}

test('a certificate and its key are read, and whatever does not fit is one line without any of the key', () => {
  const [mine, other] = [pair('mine', FIRST), pair('other', SECOND)]
  expect(readTls(mine).key).toContain('PRIVATE KEY')
  const junk = join(folder, 'junk')
  writeFileSync(junk, '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n')
  const bad = [
    [{ ...mine, certificateFile: join(folder, 'none') }, /^TLS_CERT_FILE .*ENOENT/],
    [{ ...mine, keyFile: folder }, /^TLS_KEY_FILE .*EISDIR/],
    [{ ...mine, certificateFile: junk }, /^TLS_CERT_FILE .*no certificate/],
    [{ ...mine, keyFile: junk }, /^TLS_KEY_FILE .*no private key/],
    [{ ...mine, keyFile: other.keyFile }, /^TLS_KEY_FILE .*not the key of the certificate/],
  ] as const
  for (const [files, says] of bad) {
    const problem = problemOf(files)
    expect(problem).toMatch(says)
    expect(problem).not.toMatch(/hunter2|\n/)
  }
})

function problemOf(files: Parameters<typeof readTls>[0]): string {
  try {
    readTls(files)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return 'nothing was refused'
}
