import { counterIdOf } from '../core/counter.ts'
import { heldAmounts, type Hold } from '../core/hold.ts'
import type { Limit } from '../core/limit.ts'
import type { LedgerStore } from '../core/ports/ledger-store.ts'
import { resetsAtMs } from '../core/window.ts'
import type { Obstacle } from './reserve.ts'

/** What the limits in shadow mode would have refused, had they been hard: the hold is open, and beyond them. */
export async function shadowObstacles(
  store: Pick<LedgerStore, 'counter'>,
  hold: Hold,
  limits: readonly Limit[],
): Promise<readonly Obstacle[]> {
  const atMs = hold.countedAtMs
  const obstacles: Obstacle[] = []
  for (const limit of limits) {
    const { amount, metric, mode, window } = limit
    if (mode !== 'shadow' || amount === null) continue
    const { settled, held } = await store.counter(counterIdOf(limit, atMs), atMs)
    if (settled + held <= amount) continue
    const asked = heldAmounts(hold)[metric]
    const value = { settled, held: held - asked }
    obstacles.push({ limit: { ...limit, amount }, value, asked, resetsAtMs: resetsAtMs(window, atMs) })
  }
  return obstacles
}
