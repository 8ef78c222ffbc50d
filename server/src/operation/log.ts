import { pino } from 'pino'
import type { LogLevel } from '../config/env.ts'
import { failureOf } from './failure-of.ts'
import { type Scrubber, scrubber } from './scrub.ts'

/** What a line says beside its message. Never a body, a header's value, a question, a secret or a URL. */
export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Lines of JSON on standard error: standard output is for what people and scripts start the server for. */
export interface Log extends Pick<Scrubber, 'conceal'> {
  /** What happened, as it should. */
  told(event: string, fields?: Fields): void
  /** Something that the administrator should know, and that is no failure. */
  notice(text: string, fields?: Fields): void
  /** A failure that no caller is told in full, with its causes. */
  report(problem: string, error: unknown, callId?: string): void
  /** Writes what waits, and lets go. */
  close(): void
}

/** Lines are written together: so much, or so often, but a failure at once. */
const WRITE_BYTES = 4096
const WRITE_EVERY_MS = 250
/** Where nobody reads our standard error, lines are dropped rather than kept, and nothing waits for them. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024

/** `write` is told each line in place of standard error, for tests. */
export function openLog(level: LogLevel, write?: (line: string) => void): Log {
  const { conceal, scrub } = scrubber()
  const output = write ? { write, flush: () => {}, close: () => {} } : standardError()
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: failureOf },
      // Nothing of this kind is given to the log; should it be one day, it is not written.
      redact: { paths: NEVER, censor: '[redacted]' },
      hooks: { streamWrite: scrub },
    },
    output,
  )
  return {
    conceal,
    told: (event, fields = {}) => logger.info(fields, event),
    notice: (text, fields = {}) => logger.warn(fields, text),
    report(problem, error, callId) {
      logger.error({ ...(callId !== undefined && { callId }), err: error }, problem)
      output.flush()
    },
    close: output.close,
  }
}

const NEVER = [
  'key',
  'secret',
  'password',
  'authorization',
  'cookie',
  'credential',
  'headers',
  'body',
  'url',
  'question',
]

function standardError() {
  const destination = pino.destination({
    dest: 2,
    sync: false,
    minLength: WRITE_BYTES,
    maxLength: MOST_WAITING_BYTES,
    periodicFlush: WRITE_EVERY_MS,
  })
  // A reader that went away is no reason to end.
  destination.on('error', () => {})
  const writeAll = () => quietly(() => destination.flushSync())
  process.on('exit', writeAll)
  return {
    write: (line: string) => quietly(() => destination.write(line)),
    flush: () => quietly(() => destination.flush()),
    close() {
      process.off('exit', writeAll)
      writeAll()
      quietly(() => destination.end())
    },
  }
}

/** The log itself has nobody to tell that it fails. */
function quietly(work: () => unknown): void {
  try {
    work()
  } catch {
    return
  }
}
