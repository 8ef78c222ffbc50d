import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult } from './load.ts'
import type { PacedOrder, PacedResult } from './paced-load.ts'

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

/** The first line on a process's standard output that `pick` wants; the others are read and dropped. */
export async function firstLine<T>(child: ChildProcess, pick: (line: string) => T | undefined): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let text = ''
  const take = (chunk: string) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const picked = pick(line)
      if (picked !== undefined) resolve(picked)
    }
  }
  const ended = (code: number | null, signal: string | null) =>
    reject(new Error(`${child.spawnargs.join(' ')} ended: ${code ?? signal}`))
  const late = setTimeout(
    () => reject(new Error(`${child.spawnargs.join(' ')} said nothing that was waited for in 60 seconds`)),
    60_000,
  )
  // A stream whose last listener has gone goes on to be read.
  child.stdout?.setEncoding('utf8').on('data', take)
  child.once('exit', ended)
  try {
    return await promise
  } finally {
    clearTimeout(late)
    child.stdout?.off('data', take)
    child.off('exit', ended)
  }
}

/** What a load generator sends while it works, and at last. */
interface Told<Result> {
  readonly phase?: 'measuring' | 'measured'
  readonly result?: Result
  readonly error?: string
}

export interface Harness<Order = LoadOrder, Result = LoadResult> {
  readonly upstreamUrl: string
  readonly pids: readonly number[]
  /** @param phase Is told when the window begins and ends, by a generator that has one. */
  load(order: Order, phase?: (phase: 'measuring' | 'measured') => void): Promise<Result>
  stop(): Promise<void>
}

/** The upstream and the load generator that answer at once, together on one core. */
export function startHarness(core: string | undefined): Promise<Harness> {
  return startPair<LoadOrder, LoadResult>(core, { upstream: 'upstream.ts', generator: 'load.ts' })
}

/** The upstream and the load generator that take their time, together on one core. */
export function startPacedHarness(core: string | undefined): Promise<Harness<PacedOrder, PacedResult>> {
  return startPair<PacedOrder, PacedResult>(core, { upstream: 'paced-upstream.ts', generator: 'paced-load.ts' })
}

async function startPair<Order extends object, Result>(
  core: string | undefined,
  names: { readonly upstream: string; readonly generator: string },
): Promise<Harness<Order, Result>> {
  const upstream = startNode({ core, command: [file(names.upstream)], ipc: true })
  const [{ port }] = (await once(upstream, 'message')) as [{ port: number }]
  const generator = startNode({ core, command: [file(names.generator)], ipc: true })
  return {
    upstreamUrl: `http://127.0.0.1:${port}`,
    pids: [process.pid, ...[upstream.pid, generator.pid].filter((pid) => pid !== undefined)],
    load: async (order, phase) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      const take = (told: Told<Result>) => {
        if (told.phase !== undefined) phase?.(told.phase)
        else if (told.result !== undefined) resolve(told.result)
        else reject(new Error(`Load failed: ${told.error}`))
      }
      const ended = () => reject(new Error('The load generator or the upstream ended'))
      generator.on('message', take)
      for (const child of [generator, upstream]) child.once('exit', ended)
      generator.send(order)
      try {
        return await promise
      } finally {
        generator.off('message', take)
        for (const child of [generator, upstream]) child.off('exit', ended)
      }
    },
    stop: async () => {
      await Promise.all([stop(upstream), stop(generator)])
    },
  }
}
