// `npm start`: installs what running needs, builds the dashboard, and becomes the server as far as one process can
// become another. Plain JavaScript without dependencies, since it runs before anything is installed, on Node 20.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { dashboardBuilt } from './dashboard.mjs'
import { installedForRunning } from './install.mjs'
import { ROOT, runtime } from './paths.mjs'

const LOOK_AT_PARENT_MS = 200

try {
  await installedForRunning()
  await dashboardBuilt()
  const node = runtime()
  if (!node)
    throw new Error(`There is no Node 26 for ${process.platform}-${process.arch} on npm: install Node 26 or newer.`)
  run(node, [join(ROOT, 'server', 'src', 'main.ts'), ...process.argv.slice(2)])
} catch (error) {
  console.error(`Token Trackr did not start: ${error.message}`)
  process.exitCode = 1
}

function run(node, args) {
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit' })
  // A terminal sends Ctrl-C to every process in front of it, so the server has it already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  if (process.env.npm_lifecycle_event) stopWithParent(child)
  child.on('error', (error) => {
    console.error(`Token Trackr did not start: ${error.message}`)
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else process.exitCode = code
  })
}

/**
 * npm starts us through a shell, which dies of a signal without handing it on: nobody else would tell the server that
 * whoever stopped `npm start` meant it.
 */
function stopWithParent(child) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, LOOK_AT_PARENT_MS).unref()
}
