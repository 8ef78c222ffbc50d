import { posix } from 'node:path'
import type { SourceFile } from './house.ts'

/** What the files of a room may import, besides the room itself: rooms, packages, and modules of Node. */
interface Room {
  readonly rooms: readonly string[]
  readonly packages: readonly string[]
  readonly node: readonly string[]
}

/** Only what reads the environment or configuration files, owns a file, or wires everything, may touch the disk. */
const DISK = ['fs', 'fs/promises', 'path', 'url']

/** The import law of the server, as data: ARCHITECTURE.md says why. A room that is not listed may not exist, nor one be listed that does not. */
export const LAW: Readonly<Record<string, Room>> = {
  core: { rooms: [], packages: [], node: [] },
  providers: {
    rooms: ['core'],
    packages: ['gpt-tokenizer'],
    node: ['buffer', 'crypto', 'dns', 'net', 'timers/promises', 'zlib'],
  },
  // The simulated provider is a server of its own, which the gateway reaches as it reaches any other.
  'providers/simulator': {
    rooms: ['core', 'providers'],
    packages: ['gpt-tokenizer'],
    node: ['http', 'net', 'stream/consumers', 'timers/promises', 'crypto', 'events'],
  },
  stores: {
    rooms: ['core'],
    packages: ['pg', '@aws-sdk/client-dynamodb'],
    node: ['sqlite', 'worker_threads', 'timers/promises', 'crypto', 'events', 'os', ...DISK],
  },
  // What processes share beside the store, and never the only one to know.
  redis: { rooms: ['core'], packages: ['@redis/client'], node: ['crypto'] },
  pricing: { rooms: ['core'], packages: ['@pydantic/genai-prices', 'tokenlens', 'yaml'], node: ['crypto'] },
  accounts: { rooms: ['core'], packages: [], node: ['crypto', 'util'] },
  ledger: { rooms: ['core'], packages: [], node: ['crypto'] },
  reports: { rooms: ['core', 'ledger'], packages: [], node: ['crypto'] },
  alerts: { rooms: ['core'], packages: [], node: ['crypto'] },
  // Chosen beside main.ts: a channel knows neither when it tells nor its like.
  'alerts/channels': { rooms: ['core'], packages: ['undici'], node: ['crypto'] },
  // Answers calls in one API by models of another, through the gateway's own routes.
  translation: { rooms: ['core'], packages: ['@ai-sdk/', 'undici'], node: ['events', 'http', 'net'] },
  gateway: {
    rooms: ['core', 'ledger'],
    packages: ['undici', 'gpt-tokenizer'],
    node: ['http', 'stream', 'stream/promises', 'zlib', 'crypto', 'perf_hooks', 'util', 'events', 'timers/promises'],
  },
  api: {
    rooms: ['core', 'ledger', 'accounts', 'reports'],
    packages: ['fastify', '@fastify/', 'fastify-type-provider-zod', 'zod'],
    node: ['http', 'crypto', 'stream', 'events'],
  },
  // Files are read in the words of those who use them: prices in pricing's, names of formats in the providers'.
  config: {
    rooms: ['core', 'pricing', 'providers'],
    packages: ['yaml', 'zod'],
    node: ['os', 'crypto', 'net', 'tls', ...DISK],
  },
  // What looks at the server at work: it listens, logs, counts and stops, and decides nothing.
  operation: {
    rooms: ['core', 'gateway', 'config'],
    packages: ['pino', 'prom-client'],
    node: ['http', 'http2', 'https', 'net', 'stream', 'tls', 'perf_hooks', 'timers/promises'],
  },
  cli: { rooms: ['core', 'config'], packages: ['commander'], node: ['util', 'process', 'http', 'readline', ...DISK] },
}

/** Folders whose children never import each other: adapters are chosen in one place, and know nothing of their like. */
const STRANGERS = ['server/src/stores', 'server/src/alerts/channels']
/** What all children of such a folder may share. */
const SHARED = ['rows']

/** The dashboard's own order: each floor sees the floors below it, and nothing outside of its package. */
const FLOORS = ['app', 'features', 'ui', 'lib']

/** Every breach of the law in these files. Tests are free: they wire real rooms together. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /\.(ts|tsx|mjs)$/.test(path) && !isTest(path))
    .flatMap((file) =>
      importsOf(file.text).flatMap((specifier) => {
        const fault = file.path.startsWith('dashboard/src/')
          ? dashboardFault(file, specifier)
          : serverFault(file, specifier)
        return fault === undefined ? [] : [`${file.path} imports ${specifier}: ${fault}`]
      }),
    )
    .concat(files.flatMap(environmentFaults))
}

/** The conformance suite is a test that every store runs, at a place that the store makes for it. */
export const isTest = (path: string) => /\.test\.|\/conformance\/|\/place\.ts$/.test(path)

/** The specifiers of all static and dynamic imports and re-exports. */
export function importsOf(text: string): string[] {
  const pattern = /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

function serverFault(file: SourceFile, specifier: string): string | undefined {
  const room = roomOf(file.path)
  // Files directly in server/src wire the house: they may see everything.
  if (room === undefined) return undefined
  const law = LAW[room]
  if (!law) return `the room ${room} is not in the law`
  if (!specifier.startsWith('.')) return foreignFault(law, specifier)
  const target = posix.join(posix.dirname(file.path), specifier)
  const targetRoom = roomOf(target)
  if (targetRoom === undefined) return 'only files beside main.ts see what is outside of the rooms'
  if (targetRoom !== room && !law.rooms.includes(targetRoom)) return `${room} may not see ${targetRoom}`
  return strangerFault(file.path, target)
}

/** The room that a file is in, by its longest name in the law; undefined for what lies beside main.ts. */
function roomOf(path: string): string | undefined {
  const [, room, part] = /^server\/src\/([^/]+)\/(?:([^/]+)\/)?/.exec(path) ?? []
  const inner = `${room}/${part}`
  return inner in LAW ? inner : room
}

function foreignFault(law: Room, specifier: string): string | undefined {
  if (specifier.startsWith('node:'))
    return law.node.includes(specifier.slice('node:'.length))
      ? undefined
      : 'not a module of Node that this room may use'
  const known = law.packages.some((name) => specifier === name || specifier.startsWith(name.replace(/\/?$/, '/')))
  return known ? undefined : 'not a package of this room'
}

function strangerFault(from: string, to: string): string | undefined {
  for (const folder of STRANGERS) {
    if (!from.startsWith(`${folder}/`) || !to.startsWith(`${folder}/`)) continue
    const [mine, theirs] = [from, to].map((path) => path.slice(folder.length + 1).split('/')[0])
    if (mine !== theirs && !SHARED.includes(theirs ?? '')) return `${mine} may not see ${theirs}`
  }
  return undefined
}

function dashboardFault(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return specifier.startsWith('node:') ? 'the dashboard runs in a browser' : undefined
  const [from, to] = [file.path, posix.join(posix.dirname(file.path), specifier)].map(
    (path) => /^dashboard\/src\/(?:([^/]+)\/)?(?:([^/]+)\/)?/.exec(path) ?? undefined,
  )
  if (!to) return 'the dashboard sees only itself'
  const [fromFloor, toFloor] = [from?.[1], to[1]].map((floor) => (floor === undefined ? -1 : FLOORS.indexOf(floor)))
  if (fromFloor === undefined || toFloor === undefined || fromFloor === -1 || toFloor === -1) return undefined
  if (toFloor < fromFloor) return `${from?.[1]} may not see ${to[1]}`
  if (from?.[1] === 'features' && to[1] === 'features' && from[2] !== to[2]) return `${from[2]} may not see ${to[2]}`
  return undefined
}

function environmentFaults({ path, text }: SourceFile): string[] {
  if (!path.startsWith('server/src/') || path.startsWith('server/src/config/') || isTest(path)) return []
  return /\bprocess\.env\b/.test(text) ? [`${path} reads process.env: only config does`] : []
}
