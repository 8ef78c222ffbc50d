import type { Answer, Plan } from '../core/plan.ts'
import type { GroupCommit } from './group-commit.ts'

/** Leaves out of plans the prices that this process knows to be kept: rows of the price book never change. */
export function withPricesOnce(commits: GroupCommit): GroupCommit {
  const kept = new Set<string>()
  const once = async (plan: Plan, submit: (plan: Plan) => Promise<Answer>): Promise<Answer> => {
    const { price, ...rest } = plan
    if (!price || kept.has(price.version)) return submit(price ? rest : plan)
    const answer = await submit(plan)
    if (answer.kind === 'committed') kept.add(price.version)
    return answer
  }
  return {
    submit: (plan) => once(plan, commits.submit),
    submitUntilAnswered: (plan) => once(plan, commits.submitUntilAnswered),
    drained: commits.drained,
    get isFailing() {
      return commits.isFailing
    },
  }
}
