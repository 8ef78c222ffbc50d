import { existsSync, readFileSync, rmSync } from 'node:fs'

/** What must not outlive this process, however it ends. */
const folders = new Set<string>()
const pidFiles = new Map<string, NodeJS.Signals>()

/** The process whose id is on the first line of the file, if it is there, gets the signal. */
export function endAtExit(pidFile: string, signal: NodeJS.Signals): void {
  pidFiles.set(pidFile, signal)
}

export function removeAtExit(folder: string): void {
  folders.add(folder)
}

process.on('exit', () => {
  const ended = [...pidFiles].flatMap(([path, signal]) => endBy(path, signal) ?? [])
  for (const pid of ended) waitFor(pid)
  for (const folder of folders) rmSync(folder, REMOVAL)
})

/** Processes that end just now may still write. */
export const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const

function endBy(path: string, signal: NodeJS.Signals): number | undefined {
  if (!existsSync(path)) return undefined
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0])
  return isThere(pid, signal) ? pid : undefined
}

const LOOKS = 100
const LOOK_EVERY_MS = 50

/** Nothing else is done any more, so that it may block. */
function waitFor(pid: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let looks = 0; looks < LOOKS && isThere(pid, 0); looks++) Atomics.wait(never, 0, 0, LOOK_EVERY_MS)
}

function isThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
