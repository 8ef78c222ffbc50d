import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Configuration } from './config/env.ts'
import { type Database, databaseFrom, nameOf } from './config/database.ts'
import { ConfigurationError } from './core/errors.ts'
import type { PartName, TransferTarget } from './core/ports/transfer.ts'
import { crashAt } from './crash.ts'
import { copyLedger, type Proof } from './ledger/copy.ts'
import { type Check, verify } from './ledger/verify.ts'
import { openSchema, openStores } from './open-stores.ts'
import { openSource, openTarget } from './open-transfer.ts'

export interface Copied extends Proof {
  readonly from: string
  readonly to: string
  /** What was not there yet, and how long it took. */
  readonly moved: readonly Moved[]
  /** Reading both ledgers once more, to compare them. */
  readonly provingMs: number
}

export interface Moved {
  readonly part: PartName
  readonly rows: number
  readonly tookMs: number
}

type Given = Pick<Configuration, 'dataFolder' | 'crashAt'>

/**
 * Copies a ledger from one database to another, of the same engine or another one, and proves the copy. The source is
 * only read. `onMoved` is told of each piece. Throws ConfigurationError or StoreUnavailable, one line; what is at the
 * target then is no ledger yet, and the same command goes on where it stopped.
 */
export async function copyBetween(
  { dataFolder, crashAt: crashPoint }: Given,
  urls: { readonly from: string; readonly to: string },
  onMoved: (moved: Moved) => void,
): Promise<Copied> {
  const [fromDatabase, toDatabase] = [named('--from', urls.from, dataFolder), named('--to', urls.to, dataFolder)]
  const [from, to] = [placeOf(fromDatabase), placeOf(toDatabase)]
  if (from === to) throw new ConfigurationError(`${from} cannot be copied to itself.`)
  const moved = new Map<PartName, Moved>()
  let lastMs = performance.now()
  const note = (part: PartName, rows: number) => {
    const nowMs = performance.now()
    const before = moved.get(part) ?? { part, rows: 0, tookMs: 0 }
    moved.set(part, { part, rows: before.rows + rows, tookMs: Math.round(before.tookMs + nowMs - lastMs) })
    lastMs = nowMs
    onMoved(moved.get(part)!)
  }
  const source = await openSource(fromDatabase)
  let target: TransferTarget | undefined
  try {
    await mustBeWritable(toDatabase, to)
    target = await openTarget(toDatabase, crashAt(crashPoint))
    const verified = () => verifyCopy(toDatabase)
    const proof = await copyLedger({ source, target, verified, from, to, run: randomUUID(), onMoved: note })
    return { from, to, moved: [...moved.values()], provingMs: Math.round(performance.now() - lastMs), ...proof }
  } finally {
    await Promise.all([source.close(), target?.close()])
  }
}

async function verifyCopy(database: Database): Promise<readonly Check[]> {
  const { reports, close } = await openStores(database)
  // Nobody of the source writes here, so that its open holds wait for a server to end them: no fault of the copy.
  const scanHolds = async () => (await reports.scanHolds()).map((hold) => ({ ...hold, leaseExpired: false }))
  try {
    return await verify({ ...reports, scanHolds })
  } finally {
    await close()
  }
}

function named(option: string, url: string, dataFolder: string): Database {
  try {
    return databaseFrom(url, dataFolder)
  } catch (error) {
    throw new ConfigurationError((error as Error).message.replace('DATABASE_URL', option))
  }
}

/** The same place has the same name, from wherever it is named. */
function placeOf(database: Database): string {
  return database.engine === 'sqlite' ? resolve(database.file) : nameOf(database)
}

/** An empty one gets its schema; one with an older schema has somebody's ledger, and stays as it is. */
async function mustBeWritable(database: Database, name: string): Promise<void> {
  const schema = await openSchema(database)
  try {
    await schema.create()
    if ((await schema.version()) === 0) await schema.migrateTo(schema.latest)
    const version = await schema.version()
    if (version !== schema.latest)
      throw new ConfigurationError(
        `${name} has schema ${version}, so what is there is no copy that this program began: give an empty database.`,
      )
  } finally {
    await schema.close()
  }
}
