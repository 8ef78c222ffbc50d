import { setFlagsFromString } from 'node:v8'
import { missingNodeFlags } from './config/node-flags.ts'

/**
 * Whoever starts the server, and however: the process begins again with the flags that it needs, under the same id, and with
 * the same words and files. Nothing else is loaded before, so that it costs a few hundredths of a second.
 */
function beginAgainWith(flags: readonly string[]): void {
  try {
    process.execve?.(process.execPath, [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)])
  } catch {
    // Windows cannot: the server then takes more memory.
  }
}

const missing = missingNodeFlags()
if (missing.length > 0) beginAgainWith(missing)
// Read whenever V8 plans a collection: by itself it lets garbage grow to three times of what lives, and here to half of it.
setFlagsFromString('--heap-growing-percent=50')
await import('./serve.ts')
