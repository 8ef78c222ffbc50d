import { ROOT } from './processes.ts'

/** What V8's profiler writes: a tree of calls, and for each sample the node it fell on and the time since the one before. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}
interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface Costs {
  readonly totalUs: number
  /** By room, or by the part of Node or the package. */
  readonly rooms: ReadonlyMap<string, number>
  /** Own time by function, natives counted where they were called. */
  readonly selfUs: ReadonlyMap<string, number>
  /** Own time and that of everything called, by function of ours. */
  readonly inclusiveUs: ReadonlyMap<string, number>
}

export function costsOf(profile: CpuProfile): Costs {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)))
  const ownUs = new Map<number, number>()
  profile.samples.forEach((id, index) => add(ownUs, id, profile.timeDeltas[index] ?? 0))

  let totalUs = 0
  const rooms = new Map<string, number>()
  const selfUs = new Map<string, number>()
  const inclusiveUs = new Map<string, number>()
  for (const [id, us] of ownUs) {
    const stack: ProfileNode[] = []
    for (let node = nodes.get(id); node !== undefined; node = parents.get(node.id)) stack.push(node)
    const [top] = stack
    // Starting and ending the profile is no part of what is profiled.
    if (top === undefined || stack.some((node) => node.callFrame.url === 'node:inspector')) continue
    totalUs += us
    add(rooms, roomOf(stack), us)
    add(selfUs, nameOf(top, stack), us)
    const ours = stack.filter((node) => node.callFrame.url.includes(SOURCES)).map((node) => nameOf(node, stack))
    for (const name of new Set(ours)) add(inclusiveUs, name, us)
  }
  return { totalUs, rooms, selfUs, inclusiveUs }
}

const SOURCES = '/server/src/'

/** A stack belongs to its innermost frame with a source; natives for SQLite and sockets are rooms of their own. */
function roomOf(stack: readonly ProfileNode[]): string {
  const name = stack[0]?.callFrame.functionName ?? ''
  if (name.startsWith('(')) return name
  const url = stack.find((node) => node.callFrame.url !== '')?.callFrame.url ?? ''
  if (url.includes('/profiler.mjs')) return 'SQLite: COMMIT, with the flush'
  const native = stack[0]?.callFrame.url === ''
  if (native && url.includes('/stores/sqlite/') && SQLITE_NATIVES.has(name)) return 'SQLite: statements (native)'
  if (native && SOCKET_NATIVES.has(name)) return 'sockets (native)'
  return roomOfUrl(url)
}

const SQLITE_NATIVES = new Set(['run', 'get', 'all', 'exec', 'iterate', 'prepare', 'next'])
const SOCKET_NATIVES = new Set([
  'writev',
  'writeBuffer',
  'writeUtf8String',
  'writeLatin1String',
  'writeAsciiString',
  'readStart',
])

function roomOfUrl(url: string): string {
  const [, ours] = url.split(SOURCES)
  if (ours !== undefined)
    return ours
      .split('/')
      .slice(0, ours.startsWith('stores/') ? 2 : 1)
      .join('/')
  const inPackage = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (inPackage !== undefined) return inPackage
  if (url.startsWith('node:_http') || url.startsWith('node:internal/http')) return 'node:http'
  if (/^node:(net|internal\/(streams|stream_base|net))/.test(url)) return 'node:net and streams'
  if (url.startsWith('node:')) return url.replace('internal/', '').split('/')[0] ?? url
  return 'other'
}

function nameOf(node: ProfileNode, stack: readonly ProfileNode[]): string {
  const { functionName, url, lineNumber } = node.callFrame
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url !== '') return `${name}  ${url.replace(/^file:\/\//, '').replace(ROOT, '')}:${lineNumber + 1}`
  const caller = stack.find((each) => each.callFrame.url !== '')
  return caller === undefined || name.startsWith('(') ? name : `${name} in ${nameOf(caller, stack)}`
}

function add<Key>(sums: Map<Key, number>, key: Key, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us)
}
