import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { missingDynamo, newDynamo } from './dynamodb.ts'
import { missingPostgres, newCluster } from './postgres.ts'

/** Names the folder of the engines of one run of tests, from setup.ts to all of its workers. */
export const FOLDER_VARIABLE = 'TOKEN_TRACKR_TEST_ENGINES'
const LOOK_EVERY_MS = 50

/** The superuser's URL of a PostgreSQL for tests, or the endpoint of a DynamoDB; or why there is none. */
export type ForTests = { readonly url: string } | { readonly reason: string }

/**
 * The PostgreSQL of this run of tests: that of TEST_DATABASE_URL, or one that the first who asks starts and setup.ts
 * ends. Tests make databases of their own in it.
 */
export async function postgresForTests(environment = process.env): Promise<ForTests> {
  const given = environment.TEST_DATABASE_URL
  if (given) return { url: given }
  const reason = missingPostgres()
  if (reason !== undefined) return { reason }
  const folder = environment[FOLDER_VARIABLE]
  if (folder === undefined) return { reason: 'no run of tests has prepared a folder for engines' }
  return oncePerRun(folder, 'postgres', startPostgres)
}

async function startPostgres(folder: string): Promise<ForTests> {
  try {
    return { url: (await newCluster(folder)).url() }
  } catch (error) {
    return { reason: `PostgreSQL does not start here: ${(error as Error).message.replaceAll(/\s+/g, ' ')}` }
  }
}

/** The same of DynamoDB Local: that of TEST_DYNAMODB_ENDPOINT, or one of this run. Tests make tables of their own in it. */
export async function dynamoForTests(environment = process.env): Promise<ForTests> {
  const given = environment.TEST_DYNAMODB_ENDPOINT
  if (given) return { url: given }
  const reason = missingDynamo()
  if (reason !== undefined) return { reason }
  const folder = environment[FOLDER_VARIABLE]
  if (folder === undefined) return { reason: 'no run of tests has prepared a folder for engines' }
  return oncePerRun(folder, 'dynamodb', startDynamo)
}

async function startDynamo(folder: string): Promise<ForTests> {
  try {
    return { url: (await newDynamo(folder)).endpoint }
  } catch (error) {
    return { reason: `DynamoDB Local does not start here: ${(error as Error).message.replaceAll(/\s+/g, ' ')}` }
  }
}

/** Of all processes of a run one does the work, in a folder of that name; the others wait for what it says. */
async function oncePerRun(
  parent: string,
  name: string,
  work: (folder: string) => Promise<ForTests>,
): Promise<ForTests> {
  const folder = join(parent, name)
  const answer = join(parent, `${name}.json`)
  if (isFirst(folder)) {
    writeFileSync(`${answer}.new`, JSON.stringify(await work(folder)), { mode: 0o600 })
    renameSync(`${answer}.new`, answer)
  }
  while (!existsSync(answer)) await delay(LOOK_EVERY_MS)
  return JSON.parse(readFileSync(answer, 'utf8')) as ForTests
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
