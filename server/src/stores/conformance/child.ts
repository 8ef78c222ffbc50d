import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Result } from './compete.ts'
import type { Elsewhere, Place } from './place.ts'

/** What another process is to do with the same place; see child-process.ts. */
export type Mission =
  /** Take the steps of the story, and die at that point; without one, say how many points there are. */
  | { readonly kind: 'crash'; readonly atPoint: number | null }
  /** Compete in each match whose number it is told, from when it has said that it is ready, until it is told no more. */
  | { readonly kind: 'compete'; readonly writerId: string }

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
export async function runElsewhere(elsewhere: Elsewhere, mission: Mission): Promise<Child> {
  const child = start(elsewhere, mission)
  child.stdin.end()
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { lines, code, signal }
}

/** A competitor in a process of its own. It is ready once this resolves, so that a match starts for all at once. */
export async function competitorElsewhere(elsewhere: Elsewhere, writerId: string) {
  const child = start(elsewhere, { kind: 'compete', writerId })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => (await lines.next()).value as string
  if ((await nextLine()) !== 'ready') throw new Error('the other process did not start')
  return {
    async compete(match: number): Promise<Result> {
      child.stdin.write(`${match}\n`)
      return JSON.parse(await nextLine()) as Result
    },
    async end(): Promise<void> {
      child.stdin.end()
      await once(child, 'close')
    },
  }
}

function start({ module, argument }: Elsewhere, mission: Mission): ChildProcessByStdio<Writable, Readable, null> {
  const script = fileURLToPath(new URL('./child-process.ts', import.meta.url))
  return spawn(process.execPath, [script, module, argument, JSON.stringify(mission)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Dozens of these start, each for a tenth of a second of work: they need not all compile the same files.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'token-trackr-compile-cache') },
  })
}
