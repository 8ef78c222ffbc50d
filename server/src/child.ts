import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { childEnvironment } from './config/cli.ts'
import { ConfigurationError } from './core/errors.ts'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program with this terminal, and more in its environment. Answers its exit code, or 128 and the number of the
 * signal that ended it, as shells do.
 */
export async function runChild(
  [program = '', ...words]: readonly string[],
  additions: Readonly<Record<string, string>>,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const forward = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to every process in front of it, so the child has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  // Before the program is there: it may be heard of, and be asked to end, while we still start it.
  for (const signal of FORWARDED) process.on(signal, forward)
  const child = spawn(program, words, { stdio: 'inherit', env: childEnvironment(additions) })
  child.on('error', ({ code }: NodeJS.ErrnoException) =>
    reject(new ConfigurationError(`${program} cannot be run (${code}). Is it installed?`)),
  )
  child.on('close', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)))
  try {
    return await promise
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward)
  }
}
