import type { ReactNode } from 'react'
import type { User } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactAmount } from '../../lib/limit-words.ts'
import { exactCount, percentText } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { usageOf } from '../../lib/standing.ts'
import { dateAndTime } from '../../lib/time.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { Panel } from '../../ui/panel.tsx'
import { UsageBar } from '../../ui/usage-bar.tsx'

/** How much is left of the token limit: settled, held by running calls, and free. */
export function UserMeter({ user }: { user: User }) {
  const { zone } = useServices()
  const usage = usageOf(user)
  return (
    <Panel title="Tokens over the whole lifetime">
      <div className="mb-3 flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <p className="text-2xl leading-8 font-semibold tracking-tight tabular-nums">
          {usage.remaining === null ? (
            <>
              <Count of={usage.used} /> <span className="text-base font-medium text-muted">used, no limit</span>
            </>
          ) : (
            <>
              <Count of={usage.remaining} /> <span className="text-base font-medium text-muted">left</span>
            </>
          )}
        </p>
        {usage.percent !== null && (
          <p className="ms-auto text-[13px] text-muted tabular-nums">
            {percentText(usage.percent)} of {exactCount(usage.limit ?? 0n)}
          </p>
        )}
      </div>
      <UsageBar
        exact={(tokens) => exactAmount('tokens', tokens)}
        label={`Tokens of ${user.userId}`}
        size="large"
        usage={usage}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 text-[13px] tabular-nums sm:grid-cols-3 xl:grid-cols-6">
        <Fact name="Used (settled)">{exactCount(usage.used)}</Fact>
        <Fact name="Held by running calls">{exactCount(usage.held)}</Fact>
        <Fact name="Requests">{exactCount(integer(user.requests))}</Fact>
        <Fact name="Cost">
          <Usd of={integer(user.costNanoUsd)} />
        </Fact>
        <Fact name="Last change">{user.lastUpdated ? dateAndTime(user.lastUpdated, zone) : 'No call yet'}</Fact>
        <Fact name="Created">{dateAndTime(user.createdAt, zone)}</Fact>
      </dl>
    </Panel>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="font-medium wrap-anywhere">{children}</dd>
    </div>
  )
}
