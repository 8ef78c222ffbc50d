// Loaded before the server: SIGUSR2 starts a profile of its main thread, and the next one ends it, tells it on standard
// output, and leaves it in the file named by `?to=` (so that neither start-up nor the first, uncompiled calls are in it).
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { isMainThread } from 'node:worker_threads'

const SAMPLE_EVERY_US = 200
const to = new URL(import.meta.url).searchParams.get('to')
const session = new Session()
let running = false

async function toggle() {
  running = !running
  if (running) {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
    await session.post('Profiler.start')
    console.log('{"event":"profiling"}')
  } else {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(to, JSON.stringify(profile))
    console.log('{"event":"profiled"}')
  }
}

if (isMainThread) {
  process.on('SIGUSR2', () => {
    toggle().catch((error) => console.error(error))
  })
}
