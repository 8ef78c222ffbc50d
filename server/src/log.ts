import { pino } from 'pino'
import type { LogLevel } from './config/env.ts'

/** Lines of JSON on standard error: standard output is for what people and scripts start the server for. */
export interface Log {
  /** A failure that no caller is told in full. Errors of ours name no secret; bodies and headers are never logged. */
  report(problem: string, error: unknown, callId?: string): void
  /** Something that the administrator should know, and that is no failure. */
  notice(text: string): void
}

export function openLog(level: LogLevel): Log {
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
  return {
    report: (problem, error, callId) => logger.error({ ...(callId !== undefined && { callId }), err: error }, problem),
    notice: (text) => logger.warn(text),
  }
}
