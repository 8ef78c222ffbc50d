import type { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import type { SchemaState, World } from './world.ts'

export function addMigrate(program: Command, { out, migrate }: World): void {
  const group = program.command('migrate').description('the schema of the database of this machine’s configuration')
  const tell = (state: SchemaState) => out.say(state, sentenceOf(state))

  group
    .command('status')
    .description('which version the schema has, and which one this program knows; ends with 1 where they differ')
    .action(async () => {
      const state = await migrate('status')
      tell(state)
      if (state.version !== state.latest) throw new Failure('The schema is not the latest.', EXIT.error)
    })
  group
    .command('up')
    .description('bring the schema to the latest version; a server does so when it starts')
    .action(async () => tell(await migrate('up')))
  group
    .command('down')
    .description('take back the latest step of the schema, with all that only it can hold')
    .option('--force', 'yes, give up what only the newer schema can hold')
    .action(async ({ force = false }: { force?: boolean }) => {
      if (!force)
        throw new Failure('This gives up what only the newer schema can hold: add --force, after a backup.', EXIT.usage)
      tell(await migrate('down'))
    })

  program
    .command('db')
    .description('the database itself')
    .command('init')
    .description('make the database where it is missing, and bring its schema to the latest version')
    .action(async () => tell(await migrate('init')))
}

function sentenceOf({ database, version, latest }: SchemaState): string {
  if (version === latest) return `${database} has schema ${version}, the latest.`
  return `${database} has schema ${version}; the latest is ${latest}.`
}
