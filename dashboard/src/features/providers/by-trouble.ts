import type { Deployment } from '../../lib/contract.ts'

const RANK: Record<Deployment['state'], number> = { cooling: 0, ok: 1, unknown: 2 }

/** Those that cool down first, then by the part of their attempts that failed, then by name. */
export function byTrouble(deployments: readonly Deployment[]): Deployment[] {
  const failed = ({ failures, attempts }: Deployment) => (attempts === 0 ? 0 : failures / attempts)
  return deployments.toSorted(
    (a, b) =>
      RANK[a.state] - RANK[b.state] ||
      failed(b) - failed(a) ||
      `${a.provider} ${a.name}`.localeCompare(`${b.provider} ${b.name}`, 'en'),
  )
}
