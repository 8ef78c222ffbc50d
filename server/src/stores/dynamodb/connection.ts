import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { StoreUnavailable } from '../../core/errors.ts'
import type { Item } from './attributes.ts'
import { type Key, keyText } from './keys.ts'
import { type Draft, keyAttributes, type Tables, writeItem } from './transaction.ts'

/** How long an operation waits for throttling, conflicts and outages to pass before it says that it cannot be done. */
const PATIENCE_MS = 5_000
/** An address at which nobody listens is told sooner: whoever waits for a call wants to know. */
const PATIENCE_REFUSED_MS = 1_500
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 500
const ANSWER_MS = 3_000
const KEYS_PER_BATCH = 100

/** How a transaction ended. `unknown`: it was sent, no answer came, and it may have happened or may yet happen. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Not done: conditions did not hold. The items that broke them, as they were then. */
  | { readonly kind: 'refused'; readonly found: ReadonlyMap<string, Item | null> }
  | { readonly kind: 'unknown'; readonly error: StoreUnavailable }

/** What a store asks of DynamoDB. All reads are strongly consistent, but for those of an index. Rejects with StoreUnavailable. */
export interface Connection {
  readonly tables: Tables
  get(key: Key): Promise<Item | undefined>
  /** By keyText; what is not there is not in the map. */
  getMany(keys: readonly Key[]): Promise<Map<string, Item>>
  /** All items of a partition of the ledger, or those whose sort key begins so, in order of it. */
  partition(pk: string, beginning?: string): Promise<Item[]>
  query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item>
  scan(table: Key['table'], beginning?: string): AsyncGenerator<Item>
  /** At most 100 items, whole or not at all; sent again, it happens once for each token. */
  transact(drafts: readonly Draft[], token?: string): Promise<Outcome>
  close(): void
}

/** Any command: the client tells them apart. */
type AnyCommand = GetItemCommand | BatchGetItemCommand | QueryCommand | ScanCommand | TransactWriteItemsCommand

export function connect(client: DynamoDBClient, tables: Tables): Connection {
  let closed = false

  /** Sends a command until there is an answer or the patience is at its end. `onRetry` is told why it is sent again. */
  async function send(command: AnyCommand, onRetry: (error: unknown) => void = () => {}): Promise<unknown> {
    const startMs = performance.now()
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      if (closed) throw new StoreUnavailable('The database is closed.')
      try {
        return await (client.send(command as GetItemCommand) as Promise<unknown>)
      } catch (error) {
        if (!isPassing(error)) throw error
        onRetry(error)
        const waitMs = Math.random() * pauseMs
        const patienceMs = isRefused(error) ? PATIENCE_REFUSED_MS : PATIENCE_MS
        if (performance.now() - startMs + waitMs > patienceMs) throw unavailable(error)
        await delay(waitMs)
      }
    }
  }

  async function ask<Output>(command: AnyCommand): Promise<Output> {
    try {
      return (await send(command)) as Output
    } catch (error) {
      throw unavailable(error)
    }
  }

  async function getBatch(keys: readonly Key[], found: Map<string, Item>): Promise<void> {
    let asked: Record<string, { Keys: Item[]; ConsistentRead: boolean }> | undefined = {}
    for (const key of keys)
      (asked[tables[key.table]] ??= { Keys: [], ConsistentRead: true }).Keys.push(keyAttributes(key))
    while (asked && Object.keys(asked).length > 0) {
      const answer: { Responses?: Record<string, Item[]>; UnprocessedKeys?: typeof asked } = await ask(
        new BatchGetItemCommand({ RequestItems: asked }),
      )
      for (const [table, items] of Object.entries(answer.Responses ?? {}))
        for (const item of items) found.set(keyText(keyOf(table === tables.users ? 'users' : 'ledger', item)), item)
      asked = answer.UnprocessedKeys
    }
  }

  async function* pages(make: (from: Item | undefined) => AnyCommand): AsyncGenerator<Item> {
    let from: Item | undefined
    do {
      const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await ask(make(from))
      yield* page.Items ?? []
      from = page.LastEvaluatedKey
    } while (from)
  }

  const query: Connection['query'] = (input) =>
    pages((from) => new QueryCommand({ ...input, TableName: tables.ledger, ...(from && { ExclusiveStartKey: from }) }))

  return {
    tables,
    async get(key) {
      const answer = await ask<{ Item?: Item }>(
        new GetItemCommand({ TableName: tables[key.table], Key: keyAttributes(key), ConsistentRead: true }),
      )
      return answer.Item
    },
    async getMany(keys) {
      const found = new Map<string, Item>()
      const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()]
      const batches = Array.from({ length: Math.ceil(distinct.length / KEYS_PER_BATCH) }, (_, index) =>
        distinct.slice(index * KEYS_PER_BATCH, (index + 1) * KEYS_PER_BATCH),
      )
      await Promise.all(batches.map((batch) => getBatch(batch, found)))
      return found
    },
    partition: (pk, beginning = '') =>
      Array.fromAsync(
        query({
          KeyConditionExpression: beginning === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: { ':pk': { S: pk }, ...(beginning !== '' && { ':sk': { S: beginning } }) },
          ConsistentRead: true,
        }),
      ),
    query,
    scan: (table, beginning) =>
      pages(
        (from) =>
          new ScanCommand({
            TableName: tables[table],
            ConsistentRead: true,
            ...(beginning !== undefined && {
              FilterExpression: 'begins_with(pk, :beginning)',
              ExpressionAttributeValues: { ':beginning': { S: beginning } },
            }),
            ...(from && { ExclusiveStartKey: from }),
          }),
      ),
    async transact(drafts, token = randomUUID()) {
      const command = new TransactWriteItemsCommand({
        ClientRequestToken: token,
        TransactItems: drafts.map((draft) => writeItem(draft, tables)),
      })
      let mayHaveHappened = false
      try {
        await send(command, (error) => {
          // A transaction that was cancelled did not happen, whatever became of the requests with its token before.
          mayHaveHappened = !(error instanceof TransactionCanceledException) && (mayHaveHappened || !isRefused(error))
        })
        return { kind: 'done' }
      } catch (error) {
        const found = error instanceof TransactionCanceledException ? refusedItems(error, drafts) : undefined
        if (found) return { kind: 'refused', found }
        if (mayHaveHappened && error instanceof StoreUnavailable) return { kind: 'unknown', error }
        throw unavailable(error)
      }
    },
    close() {
      closed = true
      client.destroy()
    },
  }
}

/** A client that does not try again by itself: this file does, and knows what it tries. */
export function clientOf(of: { readonly region: string; readonly endpoint?: string }): DynamoDBClient {
  const { region, endpoint } = of
  return new DynamoDBClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    ...(endpoint !== undefined && { endpoint }),
    // DynamoDB Local believes anybody; whoever has a real endpoint of his own has credentials too.
    ...(endpoint?.startsWith('http:') && { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  })
}

export function keyOf(table: Key['table'], item: Item): Key {
  return table === 'users' ? { table, pk: item.userId!.S!, sk: '' } : { table, pk: item.pk!.S!, sk: item.sk!.S! }
}

/** The items whose conditions did not hold; undefined where that is not why the transaction was cancelled. */
function refusedItems({ CancellationReasons: reasons = [] }: TransactionCanceledException, drafts: readonly Draft[]) {
  const found = new Map<string, Item | null>()
  reasons.forEach(({ Code, Item: item }, index) => {
    if (Code === 'ConditionalCheckFailed') found.set(keyText(drafts[index]!.key), item ?? null)
  })
  return found.size > 0 ? found : undefined
}

const PASSING = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ThrottlingException',
  'TimeoutError',
  'TransactionConflictException',
  'TransactionInProgressException',
])
const PASSING_REASONS = new Set(['None', 'TransactionConflict', 'ProvisionedThroughputExceeded', 'ThrottlingError'])

/** Whether the same request may be answered later. */
function isPassing(error: unknown): boolean {
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).every(({ Code = 'None' }) => PASSING_REASONS.has(Code))
  const { name, code, $metadata } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (status !== undefined && status >= 500) return true
  return PASSING.has(name ?? '') || (status === undefined && code !== undefined)
}

/** Nobody was there to be asked, so nothing can have happened. */
function isRefused(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

export function unavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new StoreUnavailable(`The database cannot answer: ${message}`, { cause })
}
