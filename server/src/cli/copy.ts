import type { Command } from 'commander'
import { count } from './amounts.ts'
import { EXIT, Failure } from './failure.ts'
import { type Column, section } from './table.ts'
import type { Copied, Moved, World } from './world.ts'

const MOVED: readonly Column<Moved>[] = [
  { title: 'moved', of: (moved) => moved.part },
  { title: 'rows', isNumber: true, of: (moved) => count(moved.rows) },
  { title: 'took', isNumber: true, of: (moved) => seconds(moved.tookMs) },
  { title: 'rows a second', isNumber: true, of: (moved) => count(speedOf(moved)) },
]
const PROOF: readonly Column<Copied['checks'][number]>[] = [
  { title: '', of: (check) => (check.ok ? 'ok' : 'DIFFERS') },
  { title: 'check', of: (check) => check.name },
  { title: 'detail', of: (check) => check.detail },
]
/** How often somebody who waits is told how far it is. */
const TELL_EVERY_MS = 5_000

export function addCopy(program: Command, { out, copy }: World): void {
  program
    .command('copy')
    .description(
      'copy a ledger from one database to another, of any engine, and prove it; after an interruption it goes on',
    )
    .requiredOption('--from <url>', 'the ledger, as DATABASE_URL names it; it is only read')
    .requiredOption('--to <url>', 'an empty database, or one with an earlier copy of the same ledger')
    .action(async (urls: { from: string; to: string }) => {
      let toldMs = performance.now()
      const copied = await copy(urls, (moved) => {
        if (performance.now() - toldMs < TELL_EVERY_MS) return
        toldMs = performance.now()
        out.remark(`${moved.part}: ${count(moved.rows)} rows so far, ${count(speedOf(moved))} a second`)
      })
      out.sections(copied, [section(MOVED, copied.moved), section(PROOF, copied.checks)])
      if (!copied.ok)
        throw new Failure(
          `${copied.to} is not equal to ${copied.from}, and no server will start on it. Run the same command again.`,
          EXIT.verificationFailed,
        )
      out.remark(`${copied.to} is equal to ${copied.from}, proven in ${seconds(copied.provingMs)}.`)
      if (copied.alive > 0)
        out.remark(
          `${copied.alive} servers worked on ${copied.from} meanwhile, and what they have booked since is not in the copy. ` +
            'Stop them and run the same command again before you change over.',
        )
    })
}

function speedOf({ rows, tookMs }: Moved): number {
  return Math.round((rows * 1_000) / Math.max(1, tookMs))
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
