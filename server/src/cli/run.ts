import type { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import type { World } from './world.ts'

interface Options {
  readonly key?: string
  readonly user?: string
}

export function addRun(program: Command, world: World): void {
  program
    .command('run')
    .description('run a program whose model calls go through the gateway: token-trackr run --user alice -- claude')
    .argument('<command...>', 'after --')
    .option('--key <key>', 'the key to call with; better in TOKEN_TRACKR_KEY, since others see what a program is given')
    .option('--user <userId>', 'without a key: make one of this user, and revoke it when the program ends')
    .action(async (command: string[], options: Options) => {
      const { url } = world.configuration
      if (url === undefined)
        throw new Failure('TOKEN_TRACKR_URL is no http or https URL. Set it, or leave it out.', EXIT.usage)
      const exitCode = await withKey(world, options, (key) => world.run(command, environmentFor(url, key)))
      if (exitCode !== 0) throw new ChildFailed(exitCode)
    })
}

/** The program's own exit code is ours; it has said itself what was wrong. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed'
  readonly exitCode: number

  constructor(exitCode: number) {
    super('The program failed.')
    this.exitCode = exitCode
  }
}

/** What the official SDKs, and the programs that are built on them, look for. */
function environmentFor(url: string, key: string): Readonly<Record<string, string>> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: key,
    // Anthropic's SDKs add /v1 themselves. The token is set, too, so that no other one is sent along.
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_AUTH_TOKEN: key,
    // Google's SDKs prefer the second key.
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: key,
    GOOGLE_API_KEY: key,
    CO_API_URL: url,
    CO_API_KEY: key,
  }
}

async function withKey(
  { client, configuration }: World,
  { key, user }: Options,
  work: (key: string) => Promise<number>,
): Promise<number> {
  const given = key ?? (user === undefined ? configuration.key : undefined)
  if (given !== undefined) return work(given)
  if (user === undefined)
    throw new Failure('Say who pays: --user alice, or a key in TOKEN_TRACKR_KEY or --key.', EXIT.usage)
  const body = { userId: user, name: 'token-trackr run' }
  const made = await client.request<{ keyId: string; key: string }>('POST', '/api/keys', body)
  try {
    return await work(made.key)
  } finally {
    await client.request('DELETE', `/api/keys/${encodeURIComponent(made.keyId)}`)
  }
}
