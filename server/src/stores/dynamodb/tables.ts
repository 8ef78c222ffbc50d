import { setTimeout as delay } from 'node:timers/promises'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { unavailable } from './connection.ts'
import { indexName, INDEXES } from './page-queries.ts'
import type { Tables } from './transaction.ts'

/** The users' table has the given name; everything else lies in a second one beside it. */
export function tablesOf(table: string): Tables {
  return { users: table, ledger: `${table}-ledger` }
}

/** A table takes seconds to be made. */
const PATIENCE_MS = 120_000
const PAUSE_MS = 250

export type TableState = 'missing' | 'creating' | 'ready'

/** Whether both tables are there. */
export async function tablesState(client: DynamoDBClient, tables: Tables): Promise<TableState> {
  const states = await Promise.all(Object.values(tables).map((table) => stateOf(client, table)))
  if (states.includes('missing')) return 'missing'
  return states.every((state) => state === 'ready') ? 'ready' : 'creating'
}

async function stateOf(client: DynamoDBClient, table: string): Promise<TableState> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
    return Table?.TableStatus === 'ACTIVE' || Table?.TableStatus === 'UPDATING' ? 'ready' : 'creating'
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return 'missing'
    throw unavailable(error)
  }
}

/** Makes the tables where they are missing, paid by request, and waits until they can be used. */
export async function createTables(
  client: DynamoDBClient,
  tables: Tables,
  /** Whether items expire: not where a test's clock is not that of the engine. */
  { expires = true }: { expires?: boolean } = {},
): Promise<void> {
  const made = await Promise.all(Object.values(definitions(tables)).map((definition) => create(client, definition)))
  const deadlineMs = performance.now() + PATIENCE_MS
  while ((await tablesState(client, tables)) !== 'ready') {
    if (performance.now() > deadlineMs) throw unavailable(new Error('the tables are still not there'))
    await delay(PAUSE_MS)
  }
  for (const table of made.filter((name) => name !== undefined)) {
    await protect(client, table)
    if (expires && table === tables.ledger) await expire(client, table)
  }
}

export async function deleteTables(client: DynamoDBClient, tables: Tables): Promise<void> {
  for (const table of Object.values(tables))
    try {
      await client.send(new DeleteTableCommand({ TableName: table }))
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw unavailable(error)
    }
}

/** Answers the table's name where it was not there before. */
async function create(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<string | undefined> {
  const table = definition.TableName!
  if ((await stateOf(client, table)) !== 'missing') return undefined
  try {
    await client.send(new CreateTableCommand(definition))
    return table
  } catch (error) {
    // Another process was quicker.
    if (error instanceof ResourceInUseException) return undefined
    throw unavailable(error)
  }
}

function definitions({ users, ledger }: Tables): CreateTableCommandInput[] {
  const indexes = Object.values(INDEXES)
  const names = ['pk', 'sk', ...indexes.flatMap((index) => [`pk${index}`, `sk${index}`])]
  return [
    {
      TableName: users,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'userId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'userId', KeyType: 'HASH' }],
    },
    {
      TableName: ledger,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: keys('pk', 'sk'),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: indexName(index),
        KeySchema: keys(`pk${index}`, `sk${index}`),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    },
  ]
}

function keys(partition: string, sort: string): CreateTableCommandInput['KeySchema'] {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ]
}

async function protect(client: DynamoDBClient, table: string): Promise<void> {
  const specification = { PointInTimeRecoveryEnabled: true }
  try {
    await client.send(
      new UpdateContinuousBackupsCommand({ TableName: table, PointInTimeRecoverySpecification: specification }),
    )
  } catch (error) {
    // DynamoDB Local has nothing to recover from, and says so.
    if ((error as Error).name !== 'UnknownOperationException') throw unavailable(error)
  }
}

async function expire(client: DynamoDBClient, table: string): Promise<void> {
  const specification = { Enabled: true, AttributeName: 'expiresAtS' }
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification }))
  } catch (error) {
    throw unavailable(error)
  }
}
