import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, missingPostgres, newCluster, runSql } from '../../../../scripts/engines/postgres.ts'
import { FIRST, SECOND } from '../../config/tls.test.fixture.ts'
import { connections } from './connection.ts'

const missing = missingPostgres()

describe.skipIf(missing)(missing ?? 'TLS to PostgreSQL', () => {
  let folder: string
  let cluster: Cluster
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'token-trackr-tls-'))
    chmodSync(folder, 0o711)
    cluster = await newCluster(folder)
    const { uid, gid } = statSync(join(folder, 'data'))
    for (const [name, text] of Object.entries({ cert: FIRST.cert, key: FIRST.key, other: SECOND.cert })) {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      if (name !== 'other') chownSync(join(folder, name), uid, gid)
    }
    await runSql(cluster.url(), `ALTER SYSTEM SET ssl_cert_file = '${join(folder, 'cert')}'`)
    await runSql(cluster.url(), `ALTER SYSTEM SET ssl_key_file = '${join(folder, 'key')}'`)
    await runSql(cluster.url(), `ALTER SYSTEM SET ssl = 'on'`)
    await runSql(cluster.url(), 'SELECT pg_reload_conf()')
  })
  afterAll(async () => {
    await cluster.stop('immediate')
    rmSync(folder, { recursive: true, force: true })
  })

  /** Whether the connection is encrypted; rejects where there is none. */
  async function isEncrypted(host: string, query: string): Promise<unknown> {
    const url = cluster.url().replace('127.0.0.1', host)
    const own = connections(`${url}${query}`, { most: 1 })
    try {
      const [row] = await own.ask('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      return row!.ssl
    } finally {
      await own.close()
    }
  }

  test('every mode that asks for TLS checks whose certificate it is, but for the one that says it does not', async () => {
    const trusting = `&sslrootcert=${join(folder, 'cert')}`
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      expect(await isEncrypted('localhost', `?sslmode=${mode}${trusting}`)).toBe('t')
      await expect(isEncrypted('localhost', `?sslmode=${mode}`)).rejects.toThrow('The database cannot answer')
      // Another authority, and another host than the certificate's.
      await expect(isEncrypted('localhost', `?sslmode=${mode}&sslrootcert=${join(folder, 'other')}`)).rejects.toThrow()
      await expect(isEncrypted('127.0.0.1', `?sslmode=${mode}${trusting}`)).rejects.toThrow()
    }
    expect(await isEncrypted('127.0.0.1', '?sslmode=no-verify')).toBe('t')
    expect(await isEncrypted('127.0.0.1', '')).toBe('f')
  })
})
