import { Command, CommanderError } from 'commander'
import type { CliConfiguration } from '../config/cli.ts'
import { ConfigurationError, StoreUnavailable } from '../core/errors.ts'
import { apiClient } from './client.ts'
import { addEntries } from './entries.ts'
import { EXIT, Failure } from './failure.ts'
import { addKeys } from './keys.ts'
import { inert } from './table.ts'
import { addUsage } from './usage.ts'
import { addUsers } from './users.ts'
import { addVerify } from './verify.ts'
import { output, type World } from './world.ts'

/** What is outside of the command line: the terminal, the environment, and what only main can do. */
export interface Surroundings extends Pick<World, 'start' | 'verify'> {
  readonly configuration: CliConfiguration
  readonly version: string
  readonly isTty: boolean
  readonly columns: number
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
}

/** Runs one command line (without the program's own name) and answers its exit code. */
export async function runCli(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = programFor(surroundings)
  try {
    await program.parseAsync(words, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    // Commander has said already what was wrong with the words.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const expected = [Failure, ConfigurationError, StoreUnavailable].some((kind) => error instanceof kind)
    surroundings.writeError(`token-trackr: ${expected ? inert((error as Error).message) : (error as Error).stack}\n`)
    return error instanceof Failure ? error.exitCode : EXIT.error
  }
}

function programFor({
  configuration,
  version,
  isTty,
  columns,
  write,
  writeError,
  start,
  verify,
}: Surroundings): Command {
  const program = new Command('token-trackr')
    .description('A gateway, ledger and dashboard for the tokens that applications spend on language models.')
    .version(version)
    .option('--json', 'JSON, as the API answers; what is not a terminal gets it anyway')
    .configureOutput({ writeOut: write, writeErr: writeError })
    .exitOverride()
    .showHelpAfterError('(token-trackr --help says more)')
  const json = () => program.opts<{ json?: boolean }>().json === true
  const out = output({ isTty, columns, json, write })
  const world: World = { client: apiClient(configuration), out, start, verify }
  program
    .command('start', { isDefault: true })
    .description('run the server here')
    .action(async () => {
      await start()
    })
  for (const add of [addUsers, addKeys, addUsage, addEntries, addVerify]) add(program, world)
  return program
}
