import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the house; the path is relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.stamps', '.token-trackr'])

/** Every text file of the house that people write, without recordings and what tools generate. */
export function sourceFiles(): SourceFile[] {
  return walk(ROOT)
    .filter((path) => /\.(ts|tsx|mjs|sql|css|md|yaml|yml)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/** Folders directly below one of the house's folders; '' is the root. Hidden ones are no rooms. */
export function foldersIn(path: string): string[] {
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((child) => child.isDirectory() && !NOT_OURS.has(child.name) && !child.name.startsWith('.'))
    .filter((child) => walk(join(ROOT, path, child.name)).length > 0)
    .map((child) => child.name)
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((child) => {
    if (NOT_OURS.has(child.name)) return []
    const path = join(folder, child.name)
    return child.isDirectory() ? walk(path) : [relative(ROOT, path).replaceAll('\\', '/')]
  })
}
