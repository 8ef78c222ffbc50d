import type { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import type { Column } from './table.ts'
import type { Verification, World } from './world.ts'

const COLUMNS: readonly Column<Verification['checks'][number]>[] = [
  { title: '', of: (check) => (check.ok ? 'ok' : 'FAILED') },
  { title: 'check', of: (check) => check.name },
  { title: 'detail', of: (check) => check.detail },
]

export function addVerify(program: Command, { out, verify }: World): void {
  program
    .command('verify')
    .description('prove the ledger: sums equal the entries, every hold ended or alive, the file whole')
    .action(async () => {
      const verification = await verify()
      out.show(verification, COLUMNS, verification.checks, '')
      if (!verification.ok)
        throw new Failure(
          'The ledger is not what its entries say. Keep a copy of the database before anything else.',
          EXIT.verificationFailed,
        )
    })
}
