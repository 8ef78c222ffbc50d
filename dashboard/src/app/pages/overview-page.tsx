import { LatestCalls } from '../../features/calls/latest-calls.tsx'
import { NoCallsYet } from '../../features/calls/no-calls-yet.tsx'
import { useCalls } from '../../features/calls/use-calls.ts'
import { Overview } from '../../features/overview/overview.tsx'
import { CreateUser } from '../../features/users/create-user.tsx'

const ALL = {}

export function OverviewPage() {
  const { data } = useCalls(ALL, { size: 10 })
  const never = data?.entries.length === 0
  const firstStep = <CreateUser label="Create a user and a key" variant="secondary" />
  return <Overview empty={never ? <NoCallsYet firstStep={firstStep} /> : null} latest={<LatestCalls filter={ALL} />} />
}
