import { availableParallelism } from 'node:os'

/**
 * What V8 is told when the process begins; later it does not listen.
 *
 * - It would rather take memory than collect: a young space of half of what it takes by itself saves tens of MiB with 500 open
 *   streams and costs nothing; half of that again would cost a fifth of the calls a second.
 * - It takes four threads that compile and collect beside us, whatever the machine: on one core they took it from us for a tenth
 *   of a second whenever a collection began. No more of them than there are other cores.
 */
const FLAGS = [
  '--max-semi-space-size=16',
  `--v8-pool-size=${Math.min(4, Math.max(1, availableParallelism() - 1))}`,
] as const

/** The flags that this process lacks. Whoever set one, on the command line or in `NODE_OPTIONS`, knows why. */
export function missingNodeFlags(given = process.execArgv, options = process.env['NODE_OPTIONS'] ?? ''): string[] {
  const names = [...given, ...options.split(/\s+/)].map((flag) => nameOf(flag))
  return FLAGS.filter((flag) => !names.includes(nameOf(flag)))
}

/** V8 takes an underscore for a dash. */
const nameOf = (flag: string) => flag.split('=')[0]!.replaceAll('_', '-')
