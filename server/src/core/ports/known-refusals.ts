import type { Missed } from '../full-minute.ts'
import type { Plan } from '../plan.ts'

/** Minutes that the store found full a moment ago, known to all processes of an installation. The store alone decides. */
export interface KnownRefusals {
  /** What the store would answer to the plan, where that is certain without it. Never rejects, and gives up soon. */
  of(plan: Plan): Promise<Missed | undefined>
  /** To be told of each refusal by the store. */
  keep(plan: Plan, missed: Missed): void
}
