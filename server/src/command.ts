import description from '../package.json' with { type: 'json' }
import { runCli } from './cli/program.ts'
import { readCliEnvironment } from './config/cli.ts'

/** The command line as a process. What only some commands need is loaded by them. */
process.exitCode = await runCli(process.argv.slice(2), {
  configuration: readCliEnvironment(),
  version: description.version,
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns ?? 80,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  start: () => import('./main.ts'),
  async verify() {
    const { readEnvironment } = await import('./config/env.ts')
    const { verifyLedger } = await import('./verify-ledger.ts')
    return verifyLedger(readEnvironment())
  },
})
