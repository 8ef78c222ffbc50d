import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from './digest.mjs'
import { ROOT, STAMPS, runtime } from './paths.mjs'
import { inTurn } from './turn.mjs'

const FOLDER = join(ROOT, 'dashboard')
const PAGE = join(FOLDER, 'dist', 'index.html')
const STAMP = join(STAMPS, 'dashboard')

/** Builds the dashboard where its sources or its dependencies have changed since the last whole build. */
export async function dashboardBuilt() {
  const wanted = digestOf([FOLDER, join(ROOT, 'package-lock.json')])
  if (isBuilt(wanted)) return
  await inTurn('dashboard', async () => {
    if (isBuilt(wanted)) return
    console.error('Building the dashboard ...')
    mkdirSync(STAMPS, { recursive: true })
    rmSync(STAMP, { force: true })
    await build()
    writeFileSync(STAMP, wanted)
  })
}

function isBuilt(wanted) {
  try {
    return existsSync(PAGE) && readFileSync(STAMP, 'utf8') === wanted
  } catch {
    return false
  }
}

function build() {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(runtime(), [vite, 'build', '--logLevel', 'warn'], {
      cwd: FOLDER,
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', process.stderr, process.stderr],
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The build of the dashboard ended with ${code}; see its lines above.`)),
    )
  })
}
