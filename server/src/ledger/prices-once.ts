import type { Answer, Plan } from '../core/plan.ts'
import type { GroupCommit } from './group-commit.ts'

/** Leaves out of plans the prices that this process knows to be kept: rows of the price book never change. */
export function withPricesOnce(commits: GroupCommit): GroupCommit {
  const kept = new Set<string>()
  const once = async (plan: Plan, submit: (plan: Plan) => Promise<Answer>): Promise<Answer> => {
    const { prices, ...rest } = plan
    const fresh = prices?.filter(({ version }) => !kept.has(version)) ?? []
    if (fresh.length === 0) return submit(rest)
    const answer = await submit({ ...rest, prices: fresh })
    if (answer.kind === 'committed') for (const { version } of fresh) kept.add(version)
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
