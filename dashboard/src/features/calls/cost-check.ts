import type { EntryDetail } from '../../lib/contract.ts'
import { integer, integerOrNull } from '../../lib/integer.ts'
import { nanoFromPico } from '../../lib/money.ts'

/** The entry's arithmetic, done again here. */
export interface CostCheck {
  readonly sumPicoUsd: bigint
  readonly roundedNanoUsd: bigint
  /** What the one rounding added or took away. */
  readonly roundingPicoUsd: bigint
  /** Whether it comes to what the ledger says. */
  readonly agrees: boolean
}

export function checkCost({ costLines, costNanoUsd }: Pick<EntryDetail, 'costLines' | 'costNanoUsd'>): CostCheck {
  const sumPicoUsd = costLines.reduce((sum, line) => sum + integer(line.costPicoUsd), 0n)
  const roundedNanoUsd = nanoFromPico(sumPicoUsd)
  const linesAgree = costLines.every(
    (line) => integer(line.count) * integer(line.ratePicoUsd) === integer(line.costPicoUsd),
  )
  return {
    sumPicoUsd,
    roundedNanoUsd,
    roundingPicoUsd: roundedNanoUsd * 1000n - sumPicoUsd,
    agrees: linesAgree && roundedNanoUsd === integerOrNull(costNanoUsd),
  }
}
