import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const NOT_SOURCES = new Set(['node_modules', 'dist'])

/** SHA-256 over names and contents of the files and folders given, in a fixed order; what is not there counts as absent. */
export function digestOf(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesOf)) hash.update(`${file}\0`).update(contentOf(file)).update('\0')
  return hash.digest('hex')
}

function filesOf(path) {
  let children
  try {
    children = readdirSync(path, { withFileTypes: true })
  } catch {
    return [path]
  }
  return children
    .filter((child) => !NOT_SOURCES.has(child.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((child) => (child.isDirectory() ? filesOf(join(path, child.name)) : [join(path, child.name)]))
}

function contentOf(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest()
  } catch {
    return 'absent'
  }
}
