import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Spool, SpooledCall } from '../../core/ports/spool.ts'
import { type Appender, appender } from './appender.ts'
import { endLine, intentLine, readSpool } from './lines.ts'
import { isLeft, newName, SPOOL_FILE } from './owner.ts'

export interface SpoolOptions {
  readonly folder: string
  /** How long after its last sign of life a process counts as dead. */
  readonly leaseMs: number
  /** Told what is wrong with a file, which is kept then. */
  readonly report: (problem: string, error: unknown) => void
}

/** A file of this process: begun by it, or by one that died. */
interface Owned {
  readonly path: string
  readonly calls: Set<string>
  /** Undefined for a file of another: nothing is written to that. */
  readonly begun: Promise<Appender> | undefined
  readonly isDamaged: boolean
}

/**
 * Opens the spool in a folder that other processes may use too: each writes to files of its own, and has those of the dead. Throws
 * StoreUnavailable, one line for people, where the folder cannot be used.
 */
export async function openSpool({ folder, leaseMs, report }: SpoolOptions): Promise<Spool> {
  await usable(folder)
  const owned = new Set<Owned>()
  const fileOf = new Map<string, Owned>()
  /** Where new calls go; a file that has none left is removed, and the next call begins another. */
  let current: Owned | undefined

  function own(file: Owned): Owned {
    owned.add(file)
    for (const id of file.calls) fileOf.set(id, file)
    return file
  }

  /** In one turn, so that nobody removes the file between being found and being used. */
  function fileFor(id: string): Owned {
    if (!current) {
      const path = join(folder, newName())
      current = own({ path, calls: new Set(), begun: begin(folder, path), isDamaged: false })
    }
    current.calls.add(id)
    fileOf.set(id, current)
    return current
  }

  async function write(file: Owned, line: string): Promise<void> {
    const lines = await file.begun
    if (!lines) throw new Error(`${file.path} is not written to any more`)
    await lines.append(line)
  }

  async function drop(id: string): Promise<void> {
    const file = fileOf.get(id)
    fileOf.delete(id)
    if (file?.calls.delete(id) && file.calls.size === 0) await remove(file)
  }

  async function remove(file: Owned): Promise<void> {
    if (file === current) current = undefined
    owned.delete(file)
    await (await file.begun?.catch(() => undefined))?.close()
    // What could not be read is nobody's to throw away.
    await (file.isDamaged ? rename(file.path, `${file.path}.damaged`) : unlink(file.path)).catch(unlessGone)
  }

  /** The calls of a file whose process is dead. Of several that want it, one gets it. */
  async function take(name: string): Promise<readonly SpooledCall[]> {
    const path = join(folder, newName())
    await rename(join(folder, name), path)
    const { calls, damaged } = readSpool(await readFile(path, 'utf8'))
    const isDamaged = damaged.length > 0
    if (isDamaged)
      report(
        `${path} is damaged: the calls in it that cannot be read are not in the ledger`,
        new Error(`line ${damaged.join(', ')}; the file will be kept as ${path}.damaged`),
      )
    const file = own({ path, calls: new Set(calls.keys()), begun: undefined, isDamaged })
    if (calls.size === 0) await remove(file)
    return [...calls.values()]
  }

  async function adopt(): Promise<readonly SpooledCall[]> {
    const now = new Date()
    for (const { path } of owned) await utimes(path, now, now).catch(unlessGone)
    const mine = new Set([...owned].map(({ path }) => path))
    const found: SpooledCall[] = []
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (!SPOOL_FILE.test(name) || mine.has(path)) continue
      try {
        if (isLeft(name, (await stat(path)).mtimeMs, now.getTime() - leaseMs)) found.push(...(await take(name)))
      } catch (error) {
        // Its process has removed it, or another one has taken it.
        if (!isGone(error)) report(`${path} cannot be read`, error)
      }
    }
    return found
  }

  return {
    async open(intent) {
      const { id } = intent.hold
      try {
        await write(fileFor(id), intentLine(intent))
      } catch (error) {
        await drop(id)
        throw error
      }
    },
    async end(end) {
      const file = fileOf.get(end.entry.id)
      if (file) await write(file, endLine(end))
    },
    drop,
    adopt,
    async close() {
      for (const { path, begun } of owned) {
        await (await begun?.catch(() => undefined))?.close()
        await utimes(path, NEVER, NEVER).catch(unlessGone)
      }
    },
  }
}
const NEVER = new Date(0)

/** A file of this process, whose name is durable before a call relies on it. */
async function begin(folder: string, path: string): Promise<Appender> {
  const file = await open(path, 'wx', 0o600)
  try {
    await syncNames(folder)
    return appender(file)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function syncNames(folder: string): Promise<void> {
  // Windows has no handles of folders, and needs none.
  const names = await open(folder, 'r').catch(() => undefined)
  try {
    await names?.sync()
  } finally {
    await names?.close()
  }
}

async function usable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.R_OK | constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StoreUnavailable(`The spool ${folder} cannot be used (${code}): check its owner and rights.`)
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error
}
