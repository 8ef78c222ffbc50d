import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, isListening } from './ports.ts'

const PROGRAM = 'redis-server'
const STARTS_WITHIN_MS = 10_000

/** A Redis of our own on a port of its own, which keeps nothing: whenever it starts, it is empty. */
export interface RedisServer {
  readonly url: string
  start(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** It stands still, with all connections open, until `resume`. */
  pause(): void
  resume(): void
}

/** Why this machine has no Redis; undefined where it has one. No package of npm brings one. */
export function missingRedis(): string | undefined {
  const { error } = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' })
  return error && `there is no ${PROGRAM} on the PATH, and npm brings none`
}

/** Makes one and starts it. It is a child of this process: whoever makes one kills it. */
export async function newRedis(): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      child = spawn(PROGRAM, settings, { stdio: 'ignore' })
      const deadlineMs = performance.now() + STARTS_WITHIN_MS
      while (!(await isListening(port))) {
        if (child.exitCode !== null || performance.now() > deadlineMs) throw new Error(`${PROGRAM} did not start`)
        await delay(10)
      }
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
  await server.start()
  return server
}
