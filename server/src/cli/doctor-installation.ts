import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { CredentialNames } from '../config/credentials.ts'
import { type Configuration, isLoopback, withKept } from '../config/env.ts'
import { ConfigurationError, StoreUnavailable } from '../core/errors.ts'
import { Failure } from './failure.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { World } from './world.ts'

/** What can be seen on this machine: nothing where the server is on another one. */
export async function installationFindings(world: World): Promise<Finding[]> {
  const node = nodeFinding()
  const host = world.configuration.url === undefined ? undefined : new URL(world.configuration.url).hostname
  if (host !== undefined && !isLoopback(host.replace(/^\[|\]$/g, '')))
    return [node, ok('installation', `${host} is another machine: run doctor there, too`)]
  const read = attempt('environment', () => world.readConfiguration(), 'correct the variable')
  if ('finding' in read) return [node, read.finding]
  const configuration = read.value
  return [
    node,
    ok('environment', `the server would listen on ${configuration.host}:${configuration.port}`),
    ...folderFindings(configuration),
    await databaseFinding(world),
    ...(await redisFindings(world, configuration)),
    ...(await fileFindings(withKept(configuration, await keptNames(world)))),
  ]
}

function nodeFinding(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (typeof Temporal === 'object' && major >= 24) return ok('node', `Node ${process.versions.node}`)
  return fail('node', `Node ${process.versions.node} cannot run the server`, 'install Node 26, or use npm start')
}

/** Who can read the folder can make keys and read what was spent. */
function folderFindings({ dataFolder }: Pick<Configuration, 'dataFolder'>): Finding[] {
  const folder = modeOf(dataFolder)
  if (folder === undefined)
    return [
      warn('data folder', `${dataFolder} is not there yet`, 'run this in the folder that the server is started in'),
    ]
  const findings = [privacy('data folder', dataFolder, folder, 0o700)]
  for (const name of ['secret', 'credentials', 'ledger.db']) {
    const path = join(dataFolder, name)
    const mode = modeOf(path)
    if (mode !== undefined) findings.push(privacy(`file ${name}`, path, mode, 0o600))
  }
  return findings
}

function privacy(check: string, path: string, mode: number, wanted: number): Finding {
  const shown = `${path} has mode ${mode.toString(8).padStart(4, '0')}`
  if ((mode & ~wanted) === 0) return ok(check, shown)
  return fail(check, `${shown}: others can get at it`, `chmod ${wanted.toString(8)} ${path}`)
}

function modeOf(path: string): number | undefined {
  try {
    return statSync(path).mode & 0o777
  } catch {
    return undefined
  }
}

async function databaseFinding(world: World): Promise<Finding> {
  try {
    const { file, problems } = await world.inspect()
    const [problem] = problems
    if (problem === undefined) return ok('database', `${file}: every commit reaches the disk before it is answered`)
    return warn('database', `${file}: ${problems.join('; ')}`, 'put DATABASE_URL on a disk of this machine')
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return fail('database', error.message, 'mend or restore it: token-trackr restore <file>')
  }
}

/** None where it is not used. Without it everything holds, so that nothing has failed. */
async function redisFindings(world: World, { redisUrl }: Pick<Configuration, 'redisUrl'>): Promise<Finding[]> {
  if (redisUrl === undefined) return []
  const { host } = new URL(redisUrl)
  const reason = await world.whyNoRedis(redisUrl)
  if (reason === undefined) return [ok('redis', `${host} is reached`)]
  const meanwhile = 'limits hold, and hints come by asking the database'
  return [warn('redis', `${host} is not reached (${reason}): ${meanwhile}`, 'start it, or correct REDIS_URL')]
}

/** The credentials that a server keeps, by name alone; where none answers, another line says so. */
async function keptNames({ client }: World): Promise<ReadonlyMap<string, string>> {
  try {
    const { credentials } = await client.request<{ credentials: { name: string }[] }>('GET', '/api/credentials')
    return new Map(credentials.map(({ name }) => [name, name]))
  } catch (error) {
    if (error instanceof Failure) return new Map()
    throw error
  }
}

async function fileFindings(configuration: Configuration): Promise<Finding[]> {
  // Loaded here alone: reading the files takes the words of prices and providers.
  const [{ readFiles }, { credentialNames }] = await Promise.all([
    import('../config/files.ts'),
    import('../config/credentials.ts'),
  ])
  const read = attempt('configuration', () => readFiles(configuration.configFolder), 'correct the file')
  if ('finding' in read) return [read.finding]
  return [
    ok('configuration', `${configuration.configFolder} is valid`),
    credentialFinding(credentialNames(read.value.proxy), (name) => configuration.credential(name) !== undefined),
  ]
}

/** By name alone: no value is ever told. */
function credentialFinding({ needed, usual }: CredentialNames, isSet: (name: string) => boolean): Finding {
  const there = [...needed, ...usual].filter(isSet)
  const missing = needed.filter((name) => !isSet(name))
  if (missing.length > 0)
    return warn(
      'credentials',
      `${missing.join(', ')} not set`,
      'set it where the server starts, or token-trackr credentials set, or take its model out',
    )
  if (there.length > 0) return ok('credentials', `${there.join(', ')} set`)
  return warn(
    'credentials',
    'none is set: only simulated models answer',
    `set ${usual.join(' or ')}, or keep one: token-trackr credentials set`,
  )
}

function attempt<T>(check: string, work: () => T, fix: string): { readonly value: T } | { readonly finding: Finding } {
  try {
    return { value: work() }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return { finding: fail(check, error.message, fix) }
  }
}
