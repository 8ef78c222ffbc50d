import { type Application, start } from './application.ts'
import { readEnvironment } from './config/env.ts'
import { crashAt } from './crash.ts'
import { ConfigurationError, StoreUnavailable } from './core/errors.ts'
import { welcome } from './welcome.ts'

/** The server as a process: starts, says where it is, and stops on a signal once calls under way have ended. */
async function run(): Promise<void> {
  const configuration = readEnvironment()
  const application = await start(configuration, crashAt(configuration.crashAt))
  process.on('uncaughtException', (error) => {
    application.report('an error that nobody expected ends the process', error)
    process.exit(1)
  })
  stopOnSignal(application, configuration.tls !== undefined)
  process.stdout.write(welcome(application, process.stdout.isTTY))
}

function stopOnSignal(application: Application, isTls: boolean): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    void application.close().then((isClean) => process.exit(isClean ? 0 : 1))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // As servers do: read what may have been renewed. Without a certificate there is nothing, and a terminal went away.
  process.on('SIGHUP', isTls ? application.renewTls : stop)
}

run().catch((error: unknown) => {
  // What a person can mend is one line; anything else is a fault of ours, and comes with its stack.
  const expected = error instanceof ConfigurationError || error instanceof StoreUnavailable
  process.stderr.write(`token-trackr: ${expected ? error.message : (error as Error).stack}\n`)
  process.exit(1)
})
