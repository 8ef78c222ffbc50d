import type { Command } from 'commander'
import { count } from './amounts.ts'
import type { World } from './world.ts'

export function addBackup(program: Command, { out, backup, restore }: World): void {
  program
    .command('backup')
    .description(
      'copy the ledger of this machine into a new file, beside a server at work or without one, and prove it',
    )
    .argument('<file>')
    .action(async (file: string) => {
      const made = await backup(file)
      out.say(
        made,
        `${made.file} has the ledger as it is now (${count(made.bytes)} bytes, proven). It is nothing without the secret: keep a copy of ${made.secret}, too.`,
      )
    })

  program
    .command('restore')
    .description('put a backup in the place of the ledger of this machine; what is there is kept aside')
    .argument('<file>')
    .option('--force', 'also where a server may work on it, or where it has entries that the backup lacks')
    .action(async (file: string, { force = false }: { force?: boolean }) => {
      const restored = await restore(file, { force })
      const before = restored.keptAside === null ? '' : ` What was there before is ${restored.keptAside}.`
      out.say(restored, `${restored.file} is what ${file} has, proven.${before}`)
    })
}
