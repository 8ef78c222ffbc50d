import { Command, CommanderError } from 'commander'
import { ConfigurationError, StoreUnavailable } from '../core/errors.ts'
import { addAlerts } from './alerts.ts'
import { apiClient } from './client.ts'
import { addBackup } from './backup.ts'
import { addCompletion } from './completion.ts'
import { addCopy } from './copy.ts'
import { addCredentials } from './credentials.ts'
import { addDoctor } from './doctor.ts'
import { addEntries } from './entries.ts'
import { EXIT, Failure } from './failure.ts'
import { addKeys } from './keys.ts'
import { addLimits } from './limits.ts'
import { addMigrate } from './migrate.ts'
import { addRun, ChildFailed } from './run.ts'
import { addSecret } from './secret.ts'
import { inert } from './table.ts'
import { addTail } from './tail.ts'
import { addUsage } from './usage.ts'
import { addUsers } from './users.ts'
import { addVerify } from './verify.ts'
import { output, type World } from './world.ts'

/** What is outside of the command line: the terminal, the environment, and what only main can do. */
export interface Surroundings extends Omit<World, 'client' | 'out'> {
  readonly version: string
  readonly isTty: boolean
  readonly columns: number
  readonly writeError: (text: string) => void
}

/** Runs one command line (without the program's own name) and answers its exit code. */
export async function runCli(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = programFor(surroundings)
  try {
    await program.parseAsync(words, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof ChildFailed) return error.exitCode
    // Commander has said already what was wrong with the words.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const expected = [Failure, ConfigurationError, StoreUnavailable].some((kind) => error instanceof kind)
    surroundings.writeError(`token-trackr: ${expected ? inert((error as Error).message) : (error as Error).stack}\n`)
    return error instanceof Failure ? error.exitCode : EXIT.error
  }
}

/** The program with its commands, which do nothing before they are parsed. */
export function programFor({ version, isTty, columns, writeError, ...rest }: Surroundings): Command {
  const { write } = rest
  const program = new Command('token-trackr')
    .description('A gateway, ledger and dashboard for the tokens that applications spend on language models.')
    .version(version)
    .option('--json', 'JSON, as the API answers; what is not a terminal gets it anyway')
    .configureOutput({ writeOut: write, writeErr: writeError })
    .exitOverride()
    .showHelpAfterError('(token-trackr --help says more)')
  const json = () => program.opts<{ json?: boolean }>().json === true
  const out = output({ isTty, columns, json, write, writeError })
  const world: World = { ...rest, client: apiClient(rest.configuration), out }
  program
    .command('start', { isDefault: true })
    .description('run the server here')
    .action(async () => {
      await world.start()
    })
  for (const add of COMMANDS) add(program, world)
  return program
}

const COMMANDS = [
  addUsers,
  addKeys,
  addCredentials,
  addLimits,
  addAlerts,
  addUsage,
  addEntries,
  addTail,
  addRun,
  addDoctor,
  addVerify,
  addBackup,
  addSecret,
  addMigrate,
  addCopy,
  addCompletion,
]
