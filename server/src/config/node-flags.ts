import { availableParallelism } from 'node:os'

/**
 * Collections are divided among threads, and the main one waits until each has done its part. On a single core they take turns
 * instead, and whoever waits for another stands still: with 500 streams that was half of what a full collection cost them.
 * What goes on beside us, marking above all, is as ever.
 */
const UNDIVIDED = [
  '--no-parallel-scavenge',
  '--no-parallel-marking',
  '--no-parallel-gc-clearing',
  '--no-parallel-compaction',
  '--no-parallel-pointer-update',
] as const

/**
 * What V8 is told when the process begins; later it does not listen.
 *
 * - It would rather take memory than collect: a young space of half of what it takes by itself saves tens of MiB with 500 open
 *   streams and costs nothing; half of that again would cost a fifth of the calls a second. And it would keep the pages that a
 *   collection freed, 28 MiB of them, in case that somebody wants them within eight seconds.
 * - It takes four threads that compile and collect beside us, whatever the machine: on one core they took it from us for a tenth
 *   of a second whenever a collection began. No more of them than there are other cores.
 */
export function nodeFlags(cores = availableParallelism()): readonly string[] {
  const threads = Math.min(4, Math.max(1, cores - 1))
  return [
    '--max-semi-space-size=16',
    '--no-memory-pool',
    `--v8-pool-size=${threads}`,
    ...(cores === 1 ? UNDIVIDED : []),
  ]
}

/** The flags that this process lacks. Whoever set one, on the command line or in `NODE_OPTIONS`, knows why. */
export function missingNodeFlags(
  flags = nodeFlags(),
  given: readonly string[] = process.execArgv,
  options = process.env['NODE_OPTIONS'] ?? '',
): string[] {
  const names = [...given, ...options.split(/\s+/)].map((flag) => nameOf(flag))
  return flags.filter((flag) => !names.includes(nameOf(flag)))
}

/** V8 takes an underscore for a dash, and a `no` before a name for its opposite, with a dash or without. */
const nameOf = (flag: string) =>
  flag
    .split('=')[0]!
    .replaceAll('_', '-')
    .replace(/^--no-?/, '--')
