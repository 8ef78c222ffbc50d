import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Installation } from './gateways.ts'
import type { Caller } from './ledger-shape.ts'

/** A ledger that is full, and who may ask it. */
export interface FilledLedger {
  readonly installation: Installation
  readonly callers: readonly Caller[]
  /** Its entries end here: what is today to them does not move on. */
  readonly endMs: number
}

/** The ledger that was left in the folder; undefined where there is no folder, or none in it that is full. */
export function leftIn(folder: string | undefined): FilledLedger | undefined {
  if (folder === undefined) return undefined
  mkdirSync(folder, { recursive: true })
  return existsSync(pathIn(folder)) ? (JSON.parse(readFileSync(pathIn(folder), 'utf8')) as FilledLedger) : undefined
}

export function leaveIn(folder: string | undefined, ledger: FilledLedger): void {
  if (folder !== undefined) writeFileSync(pathIn(folder), JSON.stringify(ledger), { mode: 0o600 })
}

function pathIn(folder: string): string {
  return join(folder, 'filled.json')
}
