import { DescribeContinuousBackupsCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOf, unavailable } from './connection.ts'
import { type DynamoPlace, tablesReady } from './open.ts'
import { tablesOf } from './tables.ts'

/** What of the tables would lose data. Throws StoreUnavailable where they are not there. */
export async function inspectDynamo(place: DynamoPlace): Promise<string[]> {
  const client = clientOf(place)
  try {
    await tablesReady(client, place, 0)
    const problems = await Promise.all(Object.values(tablesOf(place.table)).map((table) => problemsOf(client, table)))
    return problems.flat()
  } finally {
    client.destroy()
  }
}

async function problemsOf(client: DynamoDBClient, table: string): Promise<string[]> {
  try {
    const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: table }))
    const { PointInTimeRecoveryStatus: status } =
      answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {}
    return status === 'ENABLED' ? [] : [`point-in-time recovery of ${table} is off`]
  } catch (error) {
    if ((error as Error).name === 'UnknownOperationException') return [`${table} is on DynamoDB Local, for tests only`]
    throw unavailable(error)
  }
}
