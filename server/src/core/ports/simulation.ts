import type { TenantLimits } from '../account.ts'
import type { TokenBound } from '../bound.ts'
import type { CounterValue } from '../counter.ts'
import type { FormatName } from '../format-names.ts'
import type { Limit } from '../limit.ts'

/**
 * "Would this call pass?", answered by what enforces. Throws what the call itself would be told where it is not the limits
 * that refuse it.
 */
export type Simulate = (call: ImaginedCall, of: TenantLimits) => Promise<Simulation>

/** A plain text of so many tokens, sent by a user, or with a key. */
export interface ImaginedCall {
  readonly tenantId: string
  readonly userId: string
  /** '' asks for the user whatever its key. */
  readonly keyId: string
  readonly model: string
  readonly format: FormatName
  readonly inputTokens: number
  readonly maxOutputTokens: number | undefined
  readonly labels: Readonly<Record<string, string>>
}

export interface Simulation {
  readonly passes: boolean
  /** Why not, as the caller would be told. */
  readonly reason: string | null
  readonly provider: string
  readonly model: string
  /** Null where nothing bounds the call. */
  readonly bound: TokenBound | null
  readonly clampedOutputTokens: number | null
  readonly verdicts: readonly Verdict[]
}

/** How one limit stands to a call that asks for so much. */
export interface Verdict {
  /** One that was not lifted. */
  readonly limit: Limit & { readonly amount: bigint }
  readonly value: CounterValue
  /** In the limit's metric. */
  readonly asked: bigint
  readonly verdict: 'fits' | 'refuses' | 'exceeds' | 'would_refuse'
  readonly resetsAtMs: number | null
}
