import { useMemo } from 'react'
import { LatestCalls } from '../../features/calls/latest-calls.tsx'
import { LatestRefusals } from '../../features/calls/latest-refusals.tsx'
import { UserLimits } from '../../features/limits/user-limits.tsx'
import { UserPage as Page } from '../../features/users/user-page.tsx'

export function UserPage({ userId }: { userId: string }) {
  const filter = useMemo(() => ({ userId }), [userId])
  return (
    <Page
      calls={<LatestCalls filter={filter} parameters={{ user: userId }} />}
      key={userId}
      limits={<UserLimits userId={userId} />}
      refusals={<LatestRefusals userId={userId} />}
      userId={userId}
    />
  )
}
