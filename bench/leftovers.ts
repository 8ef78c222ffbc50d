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
  for (const [path, signal] of pidFiles) endBy(path, signal)
  for (const folder of folders) rmSync(folder, REMOVAL)
})

/** Processes that end just now may still write. */
export const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const

function endBy(path: string, signal: NodeJS.Signals): void {
  try {
    if (existsSync(path)) process.kill(Number(readFileSync(path, 'utf8').split('\n')[0]), signal)
  } catch {
    // It has ended.
  }
}
