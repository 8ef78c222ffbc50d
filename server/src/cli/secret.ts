import type { Command } from 'commander'
import type { World } from './world.ts'

export function addSecret(program: Command, { out, rotate }: World): void {
  program
    .command('secret')
    .description('the secret of the installation')
    .command('rotate')
    .description(
      'seal credentials under a new secret, and sign sessions by it, beside servers at work; each then has to be restarted with it',
    )
    .argument('<file>', 'what has the new secret: openssl rand -hex 32 > new-secret')
    .action(async (file: string) => {
      const rotated = await rotate(file)
      out.say(
        rotated,
        `${rotated.database} is under the secret of ${file} now, and no longer under the one in ${rotated.secret}. Put the new one there, and restart every server.`,
      )
    })
}
