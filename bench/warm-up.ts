import type { Contender } from './contenders.ts'
import type { LoadOrder } from './load.ts'
import type { Harness } from './processes.ts'

export const PATH = '/v1/chat/completions'

/** V8 compiles the hot path in steps, the last of which come after some ten thousand calls. */
const WARM_CALLS = 40_000
const MOST_SECONDS = 15

/** Loads a contender until its code is compiled, before anything is measured; answers how many calls that took. */
export async function warmUp(
  harness: Harness,
  { port, headers, checkAnswer }: Pick<Contender, 'headers' | 'checkAnswer'> & Pick<LoadOrder, 'port'>,
  mostSeconds = MOST_SECONDS,
): Promise<number> {
  let calls = 0
  for (let second = 0; second < mostSeconds && calls < WARM_CALLS; second++) {
    const result = await harness.load({ port, headers, path: PATH, connections: 32, seconds: 1 })
    checkAnswer(result.body)
    calls += result.calls
  }
  return calls
}
