import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from './digest.mjs'
import { ROOT } from './paths.mjs'
import { inTurn } from './turn.mjs'

const QUIET = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']

const HOUSE = ['package-lock.json', 'package.json', 'server/package.json', 'dashboard/package.json']
const BLACK_BOX = ['package-lock.json', 'package.json']

/** What `npm start` needs: the server, the dashboard with its builder, and a Node that runs them. */
export const installedForRunning = () => installed({ folder: ROOT, manifests: HOUSE, everything: false })

/** What `npm test` needs on top: the checkers of the house, and the engines of the black-box tests. */
export async function installedForTesting() {
  await installed({ folder: ROOT, manifests: HOUSE, everything: true })
  await installed({ folder: join(ROOT, 'e2e'), manifests: BLACK_BOX, everything: true })
}

/**
 * Installs a package's dependencies exactly as its lock file says, unless that is done. `everything` includes what only
 * tests need; an installation with it serves both. A stamp is written only after success, and never a tracked file.
 */
async function installed({ folder, manifests, everything: asked }) {
  // Who has everything keeps it: a start after an update must not take the tools of tests away.
  const everything = asked || stampOf(folder)?.everything === true
  const wanted = digestOf(manifests.map((path) => join(folder, path))) + process.platform + process.arch
  if (isDone(folder, wanted, everything)) return
  await inTurn(folder === ROOT ? 'install' : 'install-e2e', async ({ afterDeath }) => {
    if (isDone(folder, wanted, everything)) return
    console.error(`Installing ${everything ? 'everything' : 'what running needs'} in ${folder} ...`)
    // Half an installation cannot be told from a whole one by its file names: after a death, begin anew.
    if (afterDeath) rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
    // Not `npm ci`: it refuses lock files made where a registry lacks other platforms' optional packages.
    await npm(['install', everything ? '--include=dev' : '--omit=dev', ...QUIET], folder)
    writeFileSync(stampPath(folder), JSON.stringify({ wanted, everything }))
  })
}

/** In node_modules, so that whoever deletes one deletes the other. */
function stampPath(folder) {
  return join(folder, 'node_modules', '.token-trackr-installed')
}

/** What the last installation wrote; undefined where there is none, or none that can be read. */
function stampOf(folder) {
  try {
    return JSON.parse(readFileSync(stampPath(folder), 'utf8'))
  } catch {
    return undefined
  }
}

function isDone(folder, wanted, everything) {
  const stamp = stampOf(folder)
  return stamp?.wanted === wanted && (stamp.everything || !everything)
}

function npm(args, cwd) {
  const cli = process.env.npm_execpath
  const [command, before] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], {
      cwd,
      // What npm prints belongs to people, and standard output to the server's one line for programs.
      stdio: ['ignore', process.stderr, process.stderr],
      shell: command === 'npm' && process.platform === 'win32',
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm install in ${cwd} ended with ${code}; see its lines above.`)),
    )
  })
}
