import { Button } from '@heroui/react/button'
import { Drawer } from '@heroui/react/drawer'
import type { ReactNode } from 'react'
import type { User } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactCount } from '../../lib/numbers.ts'
import { exactUsd } from '../../lib/money.ts'
import { useServices } from '../../lib/services.ts'
import { dateAndTime } from '../../lib/time.ts'
import { useUrlParameter } from '../../lib/url-state.ts'
import { Keys } from './keys.tsx'
import { usageOf } from './limit-state.ts'
import { StandingChip } from './standing-chip.tsx'
import { UsageBar } from './usage-bar.tsx'

interface UserDrawerProps {
  user: User
  onClose: () => void
  onChangeLimit: () => void
}

/** Everything about one user, in exact numbers, with its keys. */
export function UserDrawer({ user, onClose, onChangeLimit }: UserDrawerProps) {
  const { zone } = useServices()
  const [, setFilter] = useUrlParameter('user')
  const usage = usageOf(user)
  const showCalls = () => {
    onClose()
    setFilter(user.userId)
    document.getElementById('calls')?.scrollIntoView()
  }
  return (
    <Drawer.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Drawer.Content placement="right">
        <Drawer.Dialog className="w-full max-w-full p-5 sm:w-[30rem]">
          <Drawer.CloseTrigger aria-label="Close" />
          <Drawer.Header className="pe-10">
            <Drawer.Heading className="flex flex-wrap items-center gap-2 wrap-anywhere">
              <bdi>{user.userId}</bdi> <StandingChip standing={usage.standing} />
            </Drawer.Heading>
          </Drawer.Header>
          <Drawer.Body className="flex flex-col gap-6">
            <div className="flex flex-col gap-3">
              <UsageBar usage={usage} userId={user.userId} />
              <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-[13px] tabular-nums">
                <Fact name="Limit">{usage.limit === null ? 'Unlimited' : exactCount(usage.limit)}</Fact>
                <Fact name="Used (settled)">{exactCount(usage.used)}</Fact>
                <Fact name="Held by running calls">{exactCount(usage.held)}</Fact>
                <Fact name="Remaining">{usage.remaining === null ? 'Unlimited' : exactCount(usage.remaining)}</Fact>
                <Fact name="Requests">{exactCount(integer(user.requests))}</Fact>
                <Fact name="Cost">{exactUsd(integer(user.costNanoUsd))}</Fact>
                <Fact name="Last change">{user.lastUpdated ? dateAndTime(user.lastUpdated, zone) : 'No call yet'}</Fact>
                <Fact name="Created">{dateAndTime(user.createdAt, zone)}</Fact>
              </dl>
              <div className="flex flex-wrap gap-2">
                <Button onPress={onChangeLimit} size="sm" variant="secondary">
                  Change limit
                </Button>
                <Button onPress={showCalls} size="sm" variant="tertiary">
                  Show calls
                </Button>
              </div>
            </div>
            <Keys userId={user.userId} />
          </Drawer.Body>
        </Drawer.Dialog>
      </Drawer.Content>
    </Drawer.Backdrop>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="text-end text-foreground">{children}</dd>
    </>
  )
}
