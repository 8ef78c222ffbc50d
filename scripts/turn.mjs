import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { STAMPS } from './paths.mjs'

/** A holder shows every second that it lives; one that has not for so long was killed or lost its machine. */
const BEAT_MS = 1_000
const DEAD_AFTER_MS = 10_000
const LOOK_AGAIN_MS = 200

/**
 * Does `work` while no other process of this clone does anything under the same name. Others wait and say so. `work` is
 * told whether the holder before it died in the middle.
 */
export async function inTurn(name, work) {
  mkdirSync(STAMPS, { recursive: true })
  const path = join(STAMPS, `${name}.turn`)
  const afterDeath = await take(path, name)
  const beat = setInterval(() => {
    const now = new Date()
    utimesSync(path, now, now)
  }, BEAT_MS)
  let done = false
  try {
    const result = await work({ afterDeath })
    done = true
    return result
  } finally {
    clearInterval(beat)
    // A failure leaves the file behind: whoever comes next is told that the work was cut short.
    if (done) rmSync(path, { force: true })
    else utimesSync(path, 0, 0)
  }
}

async function take(path, name) {
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  let afterDeath = false
  let told = false
  try {
    for (;;) {
      try {
        // A link appears whole, with its content, or not at all.
        linkSync(mine, path)
        return afterDeath
      } catch (error) {
        if (error.code !== 'EEXIST') throw error
      }
      const dead = deadHolder(path)
      if (dead !== undefined) {
        afterDeath = true
        bury(path, dead)
        continue
      }
      if (!told) console.error(`Another process is at it (${name}); waiting for it.`)
      told = true
      await delay(LOOK_AGAIN_MS)
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

/** What the file of a dead holder says; undefined where the holder lives or has just finished. */
function deadHolder(path) {
  let holder
  try {
    holder = readFileSync(path, 'utf8')
    if (Date.now() - statSync(path).mtimeMs > DEAD_AFTER_MS) return holder
    process.kill(Number(holder), 0)
  } catch (error) {
    if (error.code === 'ESRCH') return holder
  }
  return undefined
}

/** Renaming lets only one of several waiters bury a dead holder; one that came too late puts the living one back. */
function bury(path, dead) {
  const grave = `${path}.${process.pid}.dead`
  try {
    renameSync(path, grave)
    if (readFileSync(grave, 'utf8') !== dead) linkSync(grave, path)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  rmSync(grave, { force: true })
}
