import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult } from './load.ts'

/** What the harness starts, each on the core it is given; all of it ends with the harness. */

const children = new Set<ChildProcess>()
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

export const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))
export const ROOT = file('..')

export interface Start {
  readonly core: string | undefined
  /** What follows `node` on the command line. */
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly ipc?: boolean
}

export function startNode({ core, command, env, ipc = false }: Start): ChildProcess {
  const line = [process.execPath, ...command]
  const [program = '', ...rest] = core === undefined ? line : ['taskset', '-c', core, ...line]
  const child = spawn(program, rest, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Ends a process gently, and after ten seconds for good. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const last = setTimeout(() => child.kill('SIGKILL'), 10_000)
  child.kill('SIGTERM')
  await exited
  clearTimeout(last)
}

/** The first line on a process's standard output that `pick` wants; the rest is read and dropped. */
export function firstLine<T>(child: ChildProcess, pick: (line: string) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const picked = pick(line)
        if (picked !== undefined) resolve(picked)
      }
    })
    child.once('exit', (code, signal) => reject(new Error(`${child.spawnargs.join(' ')} ended: ${code ?? signal}`)))
    setTimeout(() => reject(new Error(`${child.spawnargs.join(' ')} is not ready after 60 seconds`)), 60_000).unref()
  })
}

export interface Harness {
  readonly upstreamUrl: string
  readonly pids: readonly number[]
  load(order: LoadOrder): Promise<LoadResult>
  stop(): Promise<void>
}

/** The upstream and the load generator, together on one core. */
export async function startHarness(core: string | undefined): Promise<Harness> {
  const upstream = startNode({ core, command: [file('upstream.ts')], ipc: true })
  const [{ port }] = (await once(upstream, 'message')) as [{ port: number }]
  const generator = startNode({ core, command: [file('load.ts')], ipc: true })
  return {
    upstreamUrl: `http://127.0.0.1:${port}`,
    pids: [process.pid, ...[upstream.pid, generator.pid].filter((pid) => pid !== undefined)],
    load: async (order) => {
      generator.send(order)
      const [answer] = (await once(generator, 'message')) as [{ result?: LoadResult; error?: string }]
      if (answer.result === undefined) throw new Error(`Load failed: ${answer.error}`)
      return answer.result
    },
    stop: async () => {
      await Promise.all([stop(upstream), stop(generator)])
    },
  }
}
