import type { Answer, Plan } from '../core/plan.ts'
import type { KnownRefusals } from '../core/ports/known-refusals.ts'

type Submit = (plan: Plan) => Promise<Answer>

/** Spares the store the plans that it is known to refuse, and makes known what it refuses. */
export function withKnownRefusals(submit: Submit, known: KnownRefusals | undefined): Submit {
  if (!known) return submit
  return async (plan) => {
    const refusal = await known.of(plan)
    if (refusal) return refusal
    const answer = await submit(plan)
    if (answer.kind === 'missed') known.keep(plan, answer)
    return answer
  }
}
