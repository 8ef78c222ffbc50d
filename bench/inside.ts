import type { ChildProcess } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { file, firstLine } from './processes.ts'

/** What a proxy tells about itself when asked. */
export interface Inside {
  /** How late its event loop turned since it was asked before. */
  readonly lagP99Ms: number
  readonly lagMaxMs: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** What it holds open, by kind. */
  readonly handles: Readonly<Record<string, number>>
}

/** What follows `node` on the command line of a process that can be asked. */
export const ASKABLE = ['--import', pathToFileURL(file('inside.mjs')).href]

export function askInside(child: ChildProcess): Promise<Inside> {
  const told = firstLine(child, (line) =>
    line.startsWith('{"event":"inside"') ? (JSON.parse(line) as Inside) : undefined,
  )
  child.kill('SIGUSR2')
  return told
}
