import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../scripts/engines/ports.ts'
import { removeAtExit } from './leftovers.ts'
import { file, firstLine, type Start, startNode } from './processes.ts'

/** A server of this product at work. */
export interface Gateway {
  readonly child: ChildProcess
  readonly url: string
  readonly port: number
}

/** What all processes on one database share. */
export interface Installation {
  readonly databaseUrl: string
  readonly secret: string
  /** Asks the control plane of any of its processes; undefined until the first has started. */
  administrator?: string
}

export const newInstallation = (databaseUrl: string): Installation => ({
  databaseUrl,
  secret: randomBytes(32).toString('base64url'),
})

/** One process on an installation's database; the first tells the administrator's secret. */
export async function startGateway(
  installation: Installation,
  { core, command = [], env }: Partial<Start> = {},
  folder = tmpdir(),
): Promise<Gateway> {
  const data = mkdtempSync(join(folder, 'token-trackr-bench-'))
  removeAtExit(data)
  const child = startNode({
    core,
    command: [...command, file('../server/src/main.ts')],
    env: {
      ...{ NODE_ENV: 'production', LOG_LEVEL: 'warn', HOST: '127.0.0.1', PORT: String(await freePort()) },
      ...{ TOKEN_TRACKR_DATA: data, DATABASE_URL: installation.databaseUrl, APP_SECRET_KEY: installation.secret },
      ...env,
    },
  })
  const { url, adminSecret } = await firstLine(child, readyLine)
  if (adminSecret !== undefined) installation.administrator = adminSecret
  return { child, url, port: Number(new URL(url).port) }
}

export type Api = (method: string, path: string, body?: unknown) => Promise<unknown>

/** The control plane as its administrator sees it. Rejects with what it says where it says no. */
export function controlPlane(url: string, administrator: string | undefined): Api {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${administrator}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}

export function readyLine(line: string): { url: string; adminSecret?: string } | undefined {
  return line.startsWith('{"event":"ready"') ? JSON.parse(line) : undefined
}
