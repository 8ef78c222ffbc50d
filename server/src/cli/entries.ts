import type { Command } from 'commander'
import { count, type JsonInteger, usd } from './amounts.ts'
import { countedLines, type EntryDetail } from './entry-words.ts'
import type { Column } from './table.ts'
import type { World } from './world.ts'

export interface Entry {
  readonly id: string
  readonly occurredAt: string
  readonly userId: string
  readonly provider: string
  readonly model: string
  readonly outcome: string
  readonly evidence: string
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costNanoUsd: JsonInteger | null
  readonly durationMs: number
}

export const ENTRY_COLUMNS: readonly Column<Entry>[] = [
  { title: 'time (UTC)', of: (entry) => entry.occurredAt.slice(0, 19).replace('T', ' ') },
  { title: 'user', of: (entry) => entry.userId },
  { title: 'model', of: (entry) => `${entry.provider}/${entry.model}`, isWide: true },
  { title: 'in', of: (entry) => count(entry.inputTokens), isNumber: true },
  { title: 'out', of: (entry) => count(entry.outputTokens), isNumber: true },
  // A tilde for what no provider reported.
  { title: 'cost', of: (entry) => (entry.evidence === 'reported' ? '' : '~') + usd(entry.costNanoUsd), isNumber: true },
  { title: 'ms', of: (entry) => count(Math.round(entry.durationMs)), isNumber: true, isWide: true },
  { title: 'outcome', of: (entry) => entry.outcome },
  { title: 'id', of: (entry) => entry.id, isWide: true },
]

interface Options {
  readonly limit: string
  readonly cursor?: string
  readonly user?: string
  readonly model?: string
  readonly outcome?: string
  readonly key?: string
  readonly provider?: string
  readonly evidence?: string
  readonly quarantined?: true
}

export function addEntries(program: Command, { client, out }: World): void {
  const entries = program
    .command('entries')
    .description('the newest entries of the ledger')
    .option('--limit <number>', 'how many, up to 200', '20')
    .option('--cursor <cursor>', 'go on where a page ended (nextCursor in its JSON)')
    .option('--user <userId>', 'of one user')
    .option('--model <model>', 'of one model')
    .option('--outcome <outcome>', 'that ended so')
    .option('--key <keyId>', 'of one key')
    .option('--provider <provider>', 'of one provider')
    .option('--evidence <evidence>', 'whose usage is known so')
    .option('--quarantined', 'whose reported usage was not believed')
    .action(async ({ limit, cursor, user, model, outcome, key, provider, evidence, quarantined }: Options) => {
      const query = new URLSearchParams({ limit })
      for (const [name, value] of Object.entries({
        ...{ cursor, userId: user, model, outcome, keyId: key, provider, evidence },
        quarantined: quarantined && 'true',
      }))
        if (value !== undefined) query.set(name, value)
      const answer = await client.request<{ entries: Entry[] }>('GET', `/api/entries?${query.toString()}`)
      out.show(answer, ENTRY_COLUMNS, answer.entries, 'There are no entries yet.')
    })

  entries
    .command('show')
    .description('one entry: how it was counted')
    .argument('<id>')
    .action(async (id: string) => {
      const entry = await client.request<EntryDetail>('GET', `/api/entries/${encodeURIComponent(id)}`)
      out.text(entry, countedLines(entry))
    })
}
