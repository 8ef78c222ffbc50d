import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './harness.ts'

/** The code of a language in a page, block by block. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code ?? '')
}

export interface Done {
  readonly code: number | null
  readonly output: string
}

export async function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Done> {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...environment } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  const [code] = await once(child, 'close')
  return { code, output }
}

/** A folder for snippets, inside of the package so that they find the clients. */
export function snippetFolder(name: string) {
  const folder = join(ROOT, 'e2e', 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  return {
    /** The file's path. */
    write(file: string, code: string): string {
      const path = join(folder, file)
      writeFileSync(path, code, { mode: 0o755 })
      return path
    },
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
