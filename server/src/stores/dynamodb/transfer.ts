import { StoreUnavailable } from '../../core/errors.ts'
import type { PlacedEntry } from '../../core/entry.ts'
import type { PartName, Parts, TransferSource, TransferTarget } from '../../core/ports/transfer.ts'
import { text, textOf } from './attributes.ts'
import { ITEMS_PER_TRANSACTION } from './commit.ts'
import { clientOf, connect, type Connection } from './connection.ts'
import { openHolds } from './hold-items.ts'
import { holdKey, keyText, operationKey, settingKey } from './keys.ts'
import { CLOCKS_APART_MS, type DynamoPlace } from './open.ts'
import { entriesOf, MARKER, partReads, sequencesOf } from './part-reads.ts'
import { type Group, groupsOf, sequenceDraft } from './part-groups.ts'
import { writerItems } from './ledger-store.ts'
import { tablesOf, tablesState } from './tables.ts'
import type { Condition, Draft } from './transaction.ts'

/** Tables to read as a whole; they are not changed. DynamoDB has no moment as of which everything could be read. */
export async function dynamoSource(place: DynamoPlace): Promise<TransferSource> {
  const connection = await connectionTo(place)
  const [half] = await connection.partition(operationKey('').pk)
  if (half) {
    connection.close()
    throw new StoreUnavailable(
      `The new limits of tenant ${textOf(half, 'sk')} do not count everything yet: start a server once, which ends that.`,
    )
  }
  return { ...reads(connection), close: async () => connection.close() }
}

/** Tables to make a ledger in. `crashPoint` is told each step, for tests. */
export async function dynamoTarget(place: DynamoPlace, crashPoint?: (name: string) => void): Promise<TransferTarget> {
  const connection = await connectionTo(place)
  const reached = (point: string) => crashPoint?.(point)
  return { ...reads(connection), ...writes(connection, reached), close: async () => connection.close() }
}

async function connectionTo(place: DynamoPlace): Promise<Connection> {
  const [client, tables] = [clientOf(place), tablesOf(place.table)]
  try {
    const state = await tablesState(client, tables)
    if (state !== 'ready') throw new StoreUnavailable(`The tables ${tables.users} and ${tables.ledger} are ${state}.`)
    return connect(client, tables)
  } catch (error) {
    client.destroy()
    throw error
  }
}

function reads(connection: Connection): Omit<TransferSource, 'freeze' | 'close'> {
  return {
    read: (part) => partReads(connection, part),
    entriesAfter: (writerId, seq) => entriesOf(connection, writerId, seq),
    sequences: () => sequencesOf(connection),
    async marker() {
      const item = await connection.get(settingKey(MARKER))
      return item && textOf(item, 'value')
    },
    async livingWriters() {
      const writers = await writerItems(connection)
      return writers
        .filter(({ lease_until_ms: until }) => Number(until?.N ?? 0) + CLOCKS_APART_MS > Date.now())
        .map((item) => textOf(item, 'sk'))
    },
  }
}

function writes(connection: Connection, reached: (point: string) => void) {
  let mine: string | undefined

  /** One after the other, as each looks at the marker, and what two transactions look at they cannot have at once. */
  async function send(drafts: readonly Draft[]): Promise<void> {
    if (mine === undefined) throw new StoreUnavailable('no copy was begun here')
    const conditions: Condition[] = [{ kind: 'equals', name: 'value', value: text(mine) }]
    const outcome = await connection.transact([{ kind: 'check', key: settingKey(MARKER), conditions }, ...drafts])
    if (outcome.kind === 'unknown') throw outcome.error
    if (outcome.kind === 'refused') throw new StoreUnavailable('another copy was begun here meanwhile')
    reached('items put')
  }

  async function sendAll(groups: readonly Group[], last: () => readonly Draft[] = () => []): Promise<void> {
    let drafts = new Map<string, Draft>()
    const room = ITEMS_PER_TRANSACTION - 1 - last().length
    for (const group of groups) {
      const fresh = group.drafts.filter(({ key }) => !drafts.has(keyText(key)))
      if (drafts.size + fresh.length > room) {
        await send([...drafts.values(), ...last()])
        drafts = new Map()
      }
      for (const draft of group.drafts) drafts.set(keyText(draft.key), draft)
      group.onTaken?.()
    }
    if (drafts.size > 0) await send([...drafts.values(), ...last()])
  }

  async function putEntries(entries: readonly PlacedEntry[]): Promise<void> {
    const { writerId } = entries[0]!
    const before = (await sequencesOf(connection)).get(writerId) ?? 0
    const fresh = entries.filter(({ seq }) => seq > before)
    let last = before
    const counting = (await groupsOf(connection, 'entries', fresh)).map((group, index) => ({
      ...group,
      onTaken: () => {
        last = fresh[index]!.seq
      },
    }))
    await sendAll(counting, () => [sequenceDraft(writerId, last)])
  }

  return {
    async mark(next: string, seen: string | undefined) {
      const conditions: Condition[] =
        seen === undefined ? [{ kind: 'absent' }] : [{ kind: 'equals', name: 'value', value: text(seen) }]
      const outcome = await connection.transact([
        { kind: 'put', key: settingKey(MARKER), item: { value: text(next) }, conditions },
      ])
      if (outcome.kind === 'unknown') throw outcome.error
      if (outcome.kind === 'refused') return false
      reached('marked')
      mine = next
      return true
    },
    async put<Name extends PartName>(part: Name, rows: readonly Parts[Name][]) {
      if (part === 'entries') await putEntries(rows as readonly PlacedEntry[])
      else await sendAll(await groupsOf(connection, part, rows))
    },
    async forgetHolds() {
      const holds = await openHolds(connection)
      await sendAll(holds.map(({ id }) => ({ drafts: [{ kind: 'delete', key: holdKey(id) }] })))
    },
    /** There is nothing that this store keeps for itself. */
    complete: async () => {},
  }
}
