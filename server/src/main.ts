import { type Application, start } from './application.ts'
import { readEnvironment } from './config/env.ts'
import { crashAt } from './crash.ts'
import { ConfigurationError, StoreUnavailable } from './core/errors.ts'
import { welcome } from './welcome.ts'

/** The server as a process: starts, says where it is, and stops on a signal once calls under way have ended. */
async function run(): Promise<void> {
  const configuration = readEnvironment()
  const application = await start(configuration, crashAt(configuration.crashAt))
  process.stdout.write(welcome(application, process.stdout.isTTY))
  stopOnSignal(application)
}

function stopOnSignal(application: Application): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    void application.close().then(() => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

run().catch((error: unknown) => {
  // What a person can mend is one line; anything else is a fault of ours, and comes with its stack.
  const expected = error instanceof ConfigurationError || error instanceof StoreUnavailable
  process.stderr.write(`token-trackr: ${expected ? error.message : (error as Error).stack}\n`)
  process.exit(1)
})
