import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

/** A file names its process: `ID.PID.HOST.spool`. */
export const SPOOL_FILE = /^[\w-]+\.(\d+)\.(.*)\.spool$/

export function newName(): string {
  return `${randomUUID()}.${process.pid}.${encodeURIComponent(hostname())}.spool`
}

/**
 * Whether nobody writes to another's file any more: its process gave no sign of life since, or it was one of this machine and is
 * certainly gone. One that had our own id is gone, since we have it.
 */
export function isLeft(name: string, lastSignMs: number, sinceMs: number): boolean {
  if (lastSignMs < sinceMs) return true
  const [, pid, host] = SPOOL_FILE.exec(name) ?? []
  return host === encodeURIComponent(hostname()) && (Number(pid) === process.pid || isDead(Number(pid)))
}

function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
