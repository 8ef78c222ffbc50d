import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Elsewhere, Place } from './place.ts'

/** What another process is to do with the same place; see child-process.ts. */
export type Mission =
  /** Take the steps of the story, and die at that point; without one, say how many points there are. */
  | { readonly kind: 'crash'; readonly atPoint: number | null }
  | { readonly kind: 'compete'; readonly writerId: string; readonly ceiling: string; readonly tries: number }

export interface Child {
  /** The lines that it printed before it ended. */
  readonly lines: readonly string[]
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
}

export function elsewhereOf(place: Place): Elsewhere | undefined {
  return 'module' in place.elsewhere ? place.elsewhere : undefined
}

/** Runs a mission in a process of its own, to its end, whichever that is. */
export function runElsewhere(elsewhere: Elsewhere, mission: Mission): Promise<Child> {
  const script = fileURLToPath(new URL('./child-process.ts', import.meta.url))
  const args = [script, elsewhere.module, elsewhere.argument, JSON.stringify(mission)]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Dozens of these start, each for a tenth of a second of work: they need not all compile the same files.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'token-trackr-compile-cache') },
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ lines, code, signal }))
  })
}
