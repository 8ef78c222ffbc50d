import { type Client } from './client.ts'
import { type Column, inert, table } from './table.ts'

/** What the commands can do to the world outside of them. */
export interface World {
  readonly client: Client
  readonly out: Output
  /** Runs the server in this process. */
  readonly start: () => Promise<unknown>
  /** Proves the ledger of this machine's configuration. */
  readonly verify: () => Promise<Verification>
}

export interface Verification {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/** For people on a terminal, tables and sentences; for programs, one JSON value. */
export interface Output {
  /** `json` is the API's own answer. */
  show<Row>(json: unknown, columns: readonly Column<Row>[], rows: readonly Row[], empty: string): void
  say(json: unknown, sentence: string): void
}

export interface OutputOptions {
  readonly isTty: boolean
  readonly columns: number
  readonly json: () => boolean
  readonly write: (text: string) => void
}

export function output({ isTty, columns, json, write }: OutputOptions): Output {
  const isForPrograms = () => json() || !isTty
  return {
    show(answer, shown, rows, empty) {
      if (isForPrograms()) write(jsonText(answer))
      else write(rows.length > 0 ? table(shown, rows, columns) : `${empty}\n`)
    },
    say(answer, sentence) {
      write(isForPrograms() ? jsonText(answer) : `${inert(sentence)}\n`)
    },
  }
}

/** JSON escapes the control characters below U+0020; those above it are left to us. */
function jsonText(answer: unknown): string {
  const text = JSON.stringify(answer ?? { ok: true }, null, 2)
  return `${text.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escaped)}\n`
}
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
