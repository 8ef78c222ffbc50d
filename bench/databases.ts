import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { missingDynamo, newDynamo } from '../scripts/engines/dynamodb.ts'
import { type Cluster, clusterIn, missingPostgres, newCluster, newDatabase } from '../scripts/engines/postgres.ts'
import { endAtExit, REMOVAL, removeAtExit } from './leftovers.ts'
import { readProcess } from './machine.ts'

/** A database engine for one run: its files, its processes and its databases end with it. */
export interface Engine {
  readonly name: EngineName
  /** DATABASE_URL of a new, empty database. */
  newUrl(): Promise<string>
  /** Processor time so far of the engine's own processes; 0 for one that works inside of the gateway's. */
  usedSeconds(): number
  stop(): Promise<void>
}

export const ENGINES = {
  sqlite: startSqlite,
  postgres: startPostgres,
  dynamodb: startDynamo,
} as const satisfies Record<string, (folder: string) => Promise<Engine>>
export type EngineName = keyof typeof ENGINES

/** Why an engine cannot be had on this machine; undefined where it can. */
export function missing(name: EngineName): string | undefined {
  return { sqlite: () => undefined, postgres: missingPostgres, dynamodb: missingDynamo }[name]()
}

/**
 * @param parent Where it keeps its files, in a folder of its own.
 * @param kept A folder that it uses instead and leaves behind, or finds as an engine before it left it.
 */
export async function startEngine(name: EngineName, parent = tmpdir(), kept?: string): Promise<Engine> {
  const folder = kept ?? mkdtempSync(join(parent, `token-trackr-bench-${name}-`))
  // The engine may run as another user.
  chmodSync(folder, 0o711)
  if (kept === undefined) removeAtExit(folder)
  const engine = await ENGINES[name](folder)
  return {
    ...engine,
    async stop() {
      await engine.stop()
      if (kept === undefined) rmSync(folder, REMOVAL)
    },
  }
}

async function startSqlite(folder: string): Promise<Engine> {
  let made = 0
  return {
    name: 'sqlite',
    newUrl: async () => `sqlite:${join(folder, `ledger-${++made}.db`)}`,
    usedSeconds: () => 0,
    stop: async () => {},
  }
}

/** As people would run it: what is committed is on the disk. */
const DURABLE = { fsync: 'on', full_page_writes: 'on', shared_buffers: '512MB', max_wal_size: '4GB', work_mem: '16MB' }

async function startPostgres(folder: string): Promise<Engine> {
  const own = join(folder, 'cluster')
  const pidFile = join(own, 'data', 'postmaster.pid')
  endAtExit(pidFile, 'SIGQUIT')
  const cluster = await (existsSync(own) ? startedAgain(own) : newCluster(own, DURABLE))
  const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  return {
    name: 'postgres',
    newUrl: async () => (await newDatabase(cluster.url())).url,
    usedSeconds: () => processTree(postmaster).reduce((sum, pid) => sum + readProcess(pid).cpuSeconds, 0),
    stop: () => cluster.stop('fast'),
  }
}

async function startedAgain(folder: string): Promise<Cluster> {
  const cluster = clusterIn(folder)
  await cluster.start()
  return cluster
}

async function startDynamo(folder: string): Promise<Engine> {
  endAtExit(join(folder, 'pid'), 'SIGKILL')
  const { endpoint, pid } = await newDynamo(folder)
  return {
    name: 'dynamodb',
    newUrl: async () =>
      `dynamodb://bench-${randomBytes(6).toString('hex')}?region=us-east-1&endpoint=${encodeURIComponent(endpoint)}`,
    usedSeconds: () => readProcess(pid).cpuSeconds,
    async stop() {
      process.kill(pid, 'SIGKILL')
    },
  }
}

/** A process and those that it started. */
function processTree(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid)
  return [pid, ...children]
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
