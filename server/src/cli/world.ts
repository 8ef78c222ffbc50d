import type { CliConfiguration } from '../config/cli.ts'
import type { Configuration } from '../config/env.ts'
import type { Client } from './client.ts'
import { type Column, inert, type Section, table } from './table.ts'

/** What the commands can do to the world outside of them. */
export interface World {
  readonly client: Client
  readonly out: Output
  /** Runs the server in this process. */
  readonly start: () => Promise<unknown>
  /** Proves the ledger of this machine's configuration. */
  readonly verify: () => Promise<Verification>
  /** Copies the ledger of this machine's configuration, proven. */
  readonly backup: (file: string) => Promise<{ readonly file: string; readonly bytes: number; readonly secret: string }>
  readonly restore: (
    file: string,
    how: { readonly force: boolean },
  ) => Promise<{ readonly file: string; readonly keptAside: string | null }>
  /** Rotates the secret of this machine's configuration to the one that a file has. */
  readonly rotate: (file: string) => Promise<{ readonly database: string; readonly secret: string }>
  /** What somebody gives without it being seen. */
  readonly readSecret: (question: string) => Promise<string>
  /** Looks at the schema of this machine's configuration, or changes it. */
  readonly migrate: (change: 'status' | 'up' | 'down' | 'init') => Promise<SchemaState>
  /** Copies a ledger between two databases and proves the copy; `onMoved` is told how far each part is. */
  readonly copy: (
    urls: { readonly from: string; readonly to: string },
    onMoved: (moved: Moved) => void,
  ) => Promise<Copied>
  /** Runs a program with this terminal and answers its exit code; 128 and the signal's number where one ended it. */
  readonly run: (command: readonly string[], environment: Readonly<Record<string, string>>) => Promise<number>
  /** How safe the database of this machine's configuration is kept, without a change of it. */
  readonly inspect: () => Promise<DatabaseState>
  /** Why a Redis is not reached from here; undefined where it is. */
  readonly whyNoRedis: (url: string) => Promise<string | undefined>
  readonly configuration: CliConfiguration
  /** What the server of this machine would go by. Throws ConfigurationError. */
  readonly readConfiguration: () => Configuration
  readonly write: (text: string) => void
  /** Aborted when the command is to end. */
  readonly stopped: AbortSignal
  readonly delay: (ms: number) => Promise<void>
}

export interface SchemaState {
  /** Without what is secret of its address. */
  readonly database: string
  /** 0 where there is no schema yet. */
  readonly version: number
  readonly latest: number
}

export interface DatabaseState {
  readonly file: string
  /** In words for people: what is wrong with it; empty where a commit survives a loss of power. */
  readonly problems: readonly string[]
}

export interface Verification {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/** Rows of one part of a ledger that were not at the target yet. */
export interface Moved {
  readonly part: string
  readonly rows: number
  readonly tookMs: number
}

export interface Copied extends Verification {
  /** Without what is secret of the addresses. */
  readonly from: string
  readonly to: string
  readonly moved: readonly Moved[]
  readonly provingMs: number
  /** Servers that went on to write to the source. */
  readonly alive: number
}

/** For people on a terminal, tables and sentences; for programs, one JSON value. */
export interface Output {
  /** `json` is the API's own answer. */
  show<Row>(json: unknown, columns: readonly Column<Row>[], rows: readonly Row[], empty: string): void
  /** Tables below each other, without the empty ones. */
  sections(json: unknown, sections: readonly Section[]): void
  say(json: unknown, sentence: string): void
  /** Lines that read well together. */
  text(json: unknown, lines: readonly string[]): void
  /** One of many: a line for people, a line of JSON for programs. */
  line(json: unknown, text: string): void
  /** For people alone, below what was shown. */
  remark(sentence: string): void
  /** Beside the output. */
  complain(sentence: string): void
}

export interface OutputOptions {
  readonly isTty: boolean
  readonly columns: number
  readonly json: () => boolean
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
}

export function output({ isTty, columns, json, write, writeError }: OutputOptions): Output {
  const isForPrograms = () => json() || !isTty
  return {
    show(answer, shown, rows, empty) {
      if (isForPrograms()) write(jsonText(answer))
      else write(rows.length > 0 ? table(shown, rows, columns) : `${empty}\n`)
    },
    sections(answer, sections) {
      const tables = sections.map((one) => one(columns)).filter((text) => text !== '')
      write(isForPrograms() ? jsonText(answer) : tables.join('\n'))
    },
    say(answer, sentence) {
      write(isForPrograms() ? jsonText(answer) : `${inert(sentence)}\n`)
    },
    text(answer, lines) {
      write(isForPrograms() ? jsonText(answer) : lines.map((line) => `${inert(line)}\n`).join(''))
    },
    line(one, text) {
      write(isForPrograms() ? jsonText(one, 0) : `${inert(text)}\n`)
    },
    remark(sentence) {
      if (!isForPrograms()) write(`${inert(sentence)}\n`)
    },
    complain: (sentence) => writeError(`token-trackr: ${inert(sentence)}\n`),
  }
}

/** JSON escapes the control characters below U+0020; those above it are left to us. */
function jsonText(answer: unknown, indent = 2): string {
  const text = JSON.stringify(answer ?? { ok: true }, null, indent)
  return `${text.replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escaped)}\n`
}
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
