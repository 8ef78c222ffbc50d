import type { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

interface Credential {
  readonly name: string
  readonly putAt: string
}

const COLUMNS: readonly Column<Credential>[] = [
  { title: 'credential', of: (credential) => credential.name },
  { title: 'put', of: (credential) => credential.putAt },
]

export function addCredentials(program: Command, { client, out, readSecret }: World): void {
  const credentials = program.command('credentials').description('credentials of providers, sealed in the database')

  credentials
    .command('list', { isDefault: true })
    .description('which are kept and since when, never what they are')
    .action(async () => {
      const answer = await client.request<{ credentials: Credential[] }>('GET', '/api/credentials')
      out.show(
        answer,
        COLUMNS,
        answer.credentials,
        'None is kept. Keep one: token-trackr credentials set OPENAI_API_KEY',
      )
    })

  credentials
    .command('set')
    .description('keep a credential, read from standard input or asked for; servers go by it from their next start on')
    .argument('<name>', 'of the variable that it would be in, as in OPENAI_API_KEY; where that is set, it goes before')
    // Whoever writes it behind the name is not told again what it is.
    .allowExcessArguments()
    .action(async (name: string, _options: object, { args }: Command) => {
      if (args.length > 1)
        throw new Failure('A credential is no argument, which others could see: leave it out to be asked.', EXIT.usage)
      const value = await readSecret(`${name} (not shown): `)
      const answer = await client.request<Credential>('POST', '/api/credentials', { name, value })
      out.say(answer, `${name} is kept. Restart the server to use it.`)
    })

  credentials
    .command('delete')
    .description('delete a credential; servers go by it until they end')
    .argument('<name>')
    .action(async (name: string) => {
      await client.request('DELETE', `/api/credentials/${encodeURIComponent(name)}`)
      out.say({ name, deleted: true }, `${name} is deleted. A server that has read it goes by it until it ends.`)
    })
}
