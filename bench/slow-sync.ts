import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whole } from './figures.ts'
import { file } from './processes.ts'

/** Makes the proxies' disk as slow as asked, whatever it is: see slow-sync.c. */
export interface SlowSync {
  /** For the environment of the proxies, and of nothing else. */
  readonly env: Readonly<Record<string, string>>
  /** What the flushes of proxies that have stopped really took. */
  told(): Flushes
}

export interface Flushes {
  readonly flushes: number
  readonly meanMs: number
}

/** @param syncMs What a flush is to take at least; undefined leaves the disk as it is. */
export function slowSync(syncMs: number | undefined): SlowSync | undefined {
  if (syncMs === undefined) return undefined
  if (process.platform !== 'linux') throw new Error('--sync-ms needs Linux: it preloads a library into the proxies.')
  const folder = mkdtempSync(join(tmpdir(), 'token-trackr-slow-sync-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const library = join(folder, 'slow-sync.so')
  const words = ['-shared', '-fPIC', '-O2', '-o', library, file('slow-sync.c'), '-ldl']
  const { error, status, stderr } = spawnSync('cc', words, { encoding: 'utf8' })
  if (error) throw new Error(`--sync-ms needs a C compiler named cc, which cannot be run here (${error.message}).`)
  if (status !== 0) throw new Error(`--sync-ms: cc could not compile slow-sync.c:\n${stderr}`)
  const tells = join(folder, 'told')
  return {
    env: { LD_PRELOAD: library, BENCH_SYNC_MS: String(syncMs), BENCH_SYNC_TOLD: tells },
    told: () => flushesIn(existsSync(tells) ? readFileSync(tells, 'utf8') : ''),
  }
}

/** Sums what processes told, a line each. */
export function flushesIn(text: string): Flushes {
  let flushes = 0
  let nanoseconds = 0
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [count = 0, ns = 0] = line.split(' ').map(Number)
    flushes += count
    nanoseconds += ns
  }
  return { flushes, meanMs: nanoseconds / flushes / 1e6 }
}

/** What a report says of the disk. */
export function diskLine(diskMs: number, slowed: Flushes | undefined): string {
  const disk = `making 4 KiB durable takes ${diskMs.toFixed(2)} ms here`
  if (slowed === undefined) return disk
  return `${disk}, but the proxies' ${whole(slowed.flushes)} flushes were slowed to ${slowed.meanMs.toFixed(2)} ms on average`
}
