// Loaded before the server. SIGUSR2 starts a profile of its main thread; the next one ends it, leaves it in the file named
// by `?to=`, and tells on standard output how many commits there were and how long they took. So neither start-up nor
// the first calls, which are not compiled yet, are in it.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'

const SAMPLE_EVERY_US = 200
const to = new URL(import.meta.url).searchParams.get('to')
const session = new Session()
let running = false
let commits = 0
let commitMs = 0

async function toggle() {
  running = !running
  if (running) {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
    await session.post('Profiler.start')
    commits = 0
    commitMs = 0
    console.log('{"event":"profiling"}')
  } else {
    const told = { event: 'profiled', commits, commitMs }
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(to, JSON.stringify(profile))
    console.log(JSON.stringify(told))
  }
}

/** The statement whose run is the flush to the disk. */
function timed(statement) {
  const run = statement.run.bind(statement)
  statement.run = () => {
    const startMs = performance.now()
    const result = run()
    commitMs += performance.now() - startMs
    commits++
    return result
  }
  return statement
}

if (isMainThread) {
  const { prepare } = DatabaseSync.prototype
  DatabaseSync.prototype.prepare = function (sql, options) {
    const statement = prepare.call(this, sql, options)
    return sql === 'COMMIT' ? timed(statement) : statement
  }
  process.on('SIGUSR2', () => {
    toggle().catch((error) => console.error(error))
  })
}
