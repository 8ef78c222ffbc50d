import { setTimeout as delay } from 'node:timers/promises'
import description from '../package.json' with { type: 'json' }
import { runCli } from './cli/program.ts'
import { readSecret } from './cli/read-secret.ts'
import { readCliEnvironment } from './config/cli.ts'
import { readEnvironment } from './config/env.ts'

/** The command line as a process. What only some commands need is loaded by them. */
process.exitCode = await runCli(process.argv.slice(2), {
  configuration: readCliEnvironment(),
  version: description.version,
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns ?? 80,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  // Ctrl-C ends the process itself.
  stopped: new AbortController().signal,
  delay: (ms) => delay(ms),
  readConfiguration: () => readEnvironment(),
  start: () => import('./main.ts'),
  async verify() {
    const { verifyLedger } = await import('./verify-ledger.ts')
    return verifyLedger(readEnvironment())
  },
  async backup(file) {
    const { backup } = await import('./backup.ts')
    return backup(readEnvironment(), file)
  },
  async restore(file, how) {
    const { restore } = await import('./restore.ts')
    return restore(readEnvironment(), file, how)
  },
  async rotate(file) {
    const { rotateSecret } = await import('./rotate-secret.ts')
    return rotateSecret(readEnvironment(), file)
  },
  readSecret: (question) => readSecret(process.stdin, (text) => void process.stderr.write(text), question),
  async migrate(change) {
    const { migrateDatabase } = await import('./migrate-database.ts')
    return migrateDatabase(readEnvironment().database, change)
  },
  async copy(urls, onMoved) {
    const { copyBetween } = await import('./copy-ledger.ts')
    return copyBetween(readEnvironment(), urls, onMoved)
  },
  async inspect() {
    const { inspectDatabase } = await import('./inspect-database.ts')
    return inspectDatabase(readEnvironment())
  },
  async whyNoRedis(url) {
    const { whyNotReached } = await import('./redis/reach.ts')
    return whyNotReached(url)
  },
  async run(command, environment) {
    const { runChild } = await import('./child.ts')
    return runChild(command, environment)
  },
})
