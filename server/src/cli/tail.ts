import { type Command } from 'commander'
import { count, usd } from './amounts.ts'
import type { Entry } from './entries.ts'
import { EXIT, Failure } from './failure.ts'
import { type Followed, following, type Page } from './following.ts'
import type { World } from './world.ts'

type Row = Entry & Followed & { readonly cachedTokens: number | null }

interface Options {
  readonly lines: string
  readonly user?: string
  readonly model?: string
}

export function addTail(program: Command, world: World): void {
  program
    .command('tail')
    .description('the entries of the ledger as they are booked, until Ctrl-C')
    .option('--lines <number>', 'how many that are there already', '10')
    .option('--user <userId>', 'of one user')
    .option('--model <model>', 'of one model')
    .action(async ({ lines, user, model }: Options) => {
      if (!/^\d{1,4}$/.test(lines)) throw new Failure('--lines must be a whole number up to 9999.', EXIT.usage)
      const isWanted = (row: Row) =>
        (user === undefined || row.userId === user) && (model === undefined || row.model === model)
      const print = (rows: readonly Row[]) => {
        for (const row of rows.filter(isWanted)) world.out.line(row, lineOf(row))
      }
      await follow(world, Number(lines), isWanted, print)
    })
}

const LONGEST_WAIT_MS = 10_000

/** Prints until it is stopped. Without a connection it tries again, and goes on where it was. */
async function follow(
  { client, out, stopped, delay }: World,
  lines: number,
  isWanted: (row: Row) => boolean,
  print: (rows: readonly Row[]) => void,
): Promise<void> {
  const rows = following<Row>((cursor) =>
    client.request<Page<Row>>(
      'GET',
      `/api/entries?limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    ),
  )
  const before = (await rows.begin()).filter(isWanted)
  print(before.slice(Math.max(0, before.length - lines)))
  for (let failures = 0; !stopped.aborted; failures++) {
    if (failures === 1) out.complain('The connection is lost. Trying again.')
    if (failures > 0) await delay(Math.min(LONGEST_WAIT_MS, 125 * 2 ** failures))
    try {
      for await (const event of client.hints(stopped)) {
        if (event === 'connected') failures = 0
        const { rows: booked, missed } = await rows.next()
        print(booked)
        if (missed > 0)
          out.complain(`${missed} entries with earlier dates were booked: token-trackr entries lists them.`)
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode !== EXIT.unreachable) throw error
    }
  }
}

function lineOf(row: Row): string {
  const cost = (row.evidence === 'reported' ? '' : '~') + usd(row.costNanoUsd)
  const tokens = `in ${count(row.inputTokens)}  out ${count(row.outputTokens)}  cached ${count(row.cachedTokens)}`
  return `${row.occurredAt.slice(11, 19)}Z  ${row.userId}  ${row.model}  ${tokens}  ${cost}  ${count(Math.round(row.durationMs))} ms  ${row.outcome}`
}
