import { Button } from '@heroui/react/button'
import { Table } from '@heroui/react/table'
import type { ReactNode } from 'react'
import type { User } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactAmount } from '../../lib/limit-words.ts'
import { percentText } from '../../lib/numbers.ts'
import { usageOf } from '../../lib/standing.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { PencilIcon } from '../../ui/icons.tsx'
import { Link, userPath } from '../../ui/link.tsx'
import { LINK } from '../../ui/panel.tsx'
import { StandingChip } from '../../ui/standing-chip.tsx'
import { UsageBar } from '../../ui/usage-bar.tsx'
import type { Sort, SortColumn } from './sort-users.ts'

const exactTokens = (tokens: bigint) => exactAmount('tokens', tokens)

interface UsersTableProps {
  users: readonly User[]
  sort: Sort
  onSort: (sort: Sort) => void
  onChangeLimit: (userId: string) => void
}

export function UsersTable({ users, sort, onSort, onChangeLimit }: UsersTableProps) {
  return (
    <Table className="users-table">
      <Table.ScrollContainer>
        <Table.Content
          aria-label="Users"
          keyboardNavigationBehavior="tab"
          onSortChange={({ column, direction }) => onSort({ column: column as SortColumn, direction })}
          sortDescriptor={sort}
        >
          <Table.Header>
            <SortableColumn id="user" isRowHeader>
              User
            </SortableColumn>
            <SortableColumn end id="usage">
              Usage
            </SortableColumn>
            <SortableColumn end id="limit">
              Limit
            </SortableColumn>
            <Table.Column className="text-end" id="remaining">
              Remaining
            </Table.Column>
            <SortableColumn id="percentage">Used</SortableColumn>
            <Table.Column className="text-end" id="cost">
              Cost
            </Table.Column>
          </Table.Header>
          <Table.Body items={users as User[]}>{(user) => UserRow({ user, onChangeLimit })}</Table.Body>
        </Table.Content>
      </Table.ScrollContainer>
    </Table>
  )
}

interface SortableColumnProps {
  id: SortColumn
  children: ReactNode
  end?: boolean
  isRowHeader?: boolean
}

function SortableColumn({ id, children, end = false, isRowHeader = false }: SortableColumnProps) {
  return (
    <Table.Column allowsSorting className={end ? 'text-end' : ''} id={id} isRowHeader={isRowHeader}>
      {({ sortDirection }) => (
        <Table.SortableColumnHeader
          className={`justify-start gap-1 ${end ? 'flex-row-reverse' : ''}`}
          {...(sortDirection && { sortDirection })}
        >
          {children}
        </Table.SortableColumnHeader>
      )}
    </Table.Column>
  )
}

type UserRowProps = { user: User } & Pick<UsersTableProps, 'onChangeLimit'>

function UserRow({ user, onChangeLimit }: UserRowProps) {
  const usage = usageOf(user)
  return (
    <Table.Row id={user.userId} textValue={user.userId}>
      <Table.Cell>
        <div className="flex min-w-0 items-center gap-2 md:max-w-60 md:min-w-44 lg:max-w-96">
          <Link className={`min-w-0 truncate ${LINK}`} title={user.userId} to={userPath(user.userId)}>
            <bdi>{user.userId}</bdi>
          </Link>
          <StandingChip standing={usage.standing} />
        </div>
      </Table.Cell>
      <Table.Cell className="text-end tabular-nums" data-name="Usage">
        <Count of={usage.used} />
        {usage.held > 0n && (
          <div className="text-xs whitespace-nowrap text-muted">
            + <Count of={usage.held} /> held
          </div>
        )}
      </Table.Cell>
      <Table.Cell className="text-end tabular-nums" data-name="Limit">
        <div className="flex items-center justify-end gap-1">
          {usage.limit === null ? <span className="text-muted">Unlimited</span> : <Count of={usage.limit} />}
          <Button
            aria-label={`Change the limit of ${user.userId}`}
            className="-me-2 size-7 min-w-7 text-muted"
            isIconOnly
            onPress={() => onChangeLimit(user.userId)}
            size="sm"
            variant="ghost"
          >
            <PencilIcon className="size-3.5" />
          </Button>
        </div>
      </Table.Cell>
      <Table.Cell className="text-end tabular-nums" data-name="Remaining">
        {usage.remaining === null ? <span className="text-muted">Unlimited</span> : <Count of={usage.remaining} />}
      </Table.Cell>
      <Table.Cell>
        {usage.percent === null ? (
          <span className="text-muted">No limit</span>
        ) : (
          <div className="flex items-center md:min-w-32 lg:min-w-44 gap-3">
            <UsageBar exact={exactTokens} label={`Tokens of ${user.userId}`} usage={usage} />
            <span className="w-15 shrink-0 text-end tabular-nums">{percentText(usage.percent)}</span>
          </div>
        )}
      </Table.Cell>
      <Table.Cell className="text-end tabular-nums" data-name="Cost">
        <Usd of={integer(user.costNanoUsd)} />
      </Table.Cell>
    </Table.Row>
  )
}
