import { hash } from 'node:crypto'
import type { Entry } from '../../core/entry.ts'
import type { SpooledCall, SpooledEnd, SpooledIntent } from '../../core/ports/spool.ts'
import type { Columns, Row } from '../rows/columns.ts'
import { ENTRY_COLUMNS, entryFrom } from '../rows/entry-row.ts'
import { HOLD_COLUMNS, holdFrom } from '../rows/hold-row.ts'
import { PRICE_COLUMNS, priceFrom } from '../rows/price-row.ts'

/** What a file of the spool says: its calls by their ids, and the numbers of lines that cannot be read. */
export interface SpoolText {
  readonly calls: ReadonlyMap<string, SpooledCall>
  readonly damaged: readonly number[]
}

/**
 * A line for a person, too: a checksum, and what the ledger would keep, in JSON, under the names of its columns. A line is
 * whole or it does not count.
 */
export function intentLine({ hold, prices }: SpooledIntent): string {
  return lineOf(`{"intent":${rowText(HOLD_COLUMNS, hold)},"prices":${pricesText(prices)}}`)
}
export function endLine({ entry, prices }: SpooledEnd): string {
  return lineOf(`{"end":${rowText(ENTRY_COLUMNS, { ...entry, ...UNPLACED })},"prices":${pricesText(prices)}}`)
}
/** Its place is given by the ledger. */
const UNPLACED = { writerId: '', seq: 0 }

/** Reads a file. What stands behind its last line feed was never acknowledged to anybody: no end of it is missed. */
export function readSpool(text: string): SpoolText {
  const calls = new Map<string, SpooledCall>()
  const damaged: number[] = []
  const lines = text.split('\n').slice(0, -1)
  for (const [index, line] of lines.entries()) {
    const found = callIn(line)
    if (found) calls.set(found.id, { ...NOTHING, ...calls.get(found.id), ...found.call })
    else damaged.push(index + 1)
  }
  return { calls, damaged }
}
const NOTHING: SpooledCall = { intent: undefined, end: undefined }

const SUM_LENGTH = 16
const sumOf = (json: string) => hash('sha256', json).slice(0, SUM_LENGTH)
const lineOf = (json: string) => `${sumOf(json)} ${json}\n`

interface Read {
  readonly intent?: Row
  readonly end?: Row
  readonly prices: readonly Row[]
}

function callIn(line: string): { id: string; call: Partial<SpooledCall> } | undefined {
  const json = line.slice(SUM_LENGTH + 1)
  if (sumOf(json) !== line.slice(0, SUM_LENGTH)) return undefined
  const { intent, end, prices } = JSON.parse(json, integers) as Read
  if (intent) {
    const hold = holdFrom(intent)
    return { id: hold.id, call: { intent: { hold, prices: prices.map(priceFrom) } } }
  }
  const { writerId: _writerId, seq: _seq, ...entry } = entryFrom(end!)
  return { id: entry.id, call: { end: { entry: entry satisfies Entry, prices: prices.map(priceFrom) } } }
}

function pricesText(prices: SpooledEnd['prices']): string {
  return `[${prices.map((price) => rowText(PRICE_COLUMNS, price)).join(',')}]`
}

/** Integers of 64 bits as they are, which JSON.stringify cannot. */
function rowText<Noun>(columns: Columns<Noun>, noun: Noun): string {
  const cells = columns.map(([column, value]) => {
    const cell = value(noun)
    return `${JSON.stringify(column)}:${typeof cell === 'bigint' ? cell.toString() : JSON.stringify(cell)}`
  })
  return `{${cells.join(',')}}`
}

function integers(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? BigInt(context!.source!) : value
}
