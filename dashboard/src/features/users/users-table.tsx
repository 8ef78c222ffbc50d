import { Button } from '@heroui/react/button'
import type { User } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactAmount } from '../../lib/limit-words.ts'
import { percentText } from '../../lib/numbers.ts'
import { usageOf } from '../../lib/standing.ts'
import { Count, Usd } from '../../ui/amount.tsx'
import { ChevronDownIcon, PencilIcon } from '../../ui/icons.tsx'
import { Link, userPath } from '../../ui/link.tsx'
import { LINK } from '../../ui/panel.tsx'
import { PlainTable, table, type TableColumn } from '../../ui/plain-table.tsx'
import { StandingChip } from '../../ui/standing-chip.tsx'
import { UsageBar } from '../../ui/usage-bar.tsx'
import type { Sort, SortColumn } from './sort-users.ts'
import { Name } from '../../ui/name.tsx'

const exactTokens = (tokens: bigint) => exactAmount('tokens', tokens)

interface UsersTableProps {
  users: readonly User[]
  sort: Sort
  onSort: (sort: Sort) => void
  onChangeLimit: (userId: string) => void
}

const COLUMNS: readonly { id: SortColumn | null; title: string; end?: boolean }[] = [
  { id: 'user', title: 'User' },
  { id: 'usage', title: 'Usage', end: true },
  { id: 'limit', title: 'Limit', end: true },
  { id: null, title: 'Remaining', end: true },
  { id: 'percentage', title: 'Used' },
  { id: null, title: 'Cost', end: true },
]

export function UsersTable({ users, sort, onSort, onChangeLimit }: UsersTableProps) {
  const columns = COLUMNS.map(({ id, title, end = false }): TableColumn => {
    if (id === null) return { title, end }
    const head = (
      <SortButton column={id} end={end} onSort={onSort} sort={sort}>
        {title}
      </SortButton>
    )
    return { title, end, head, sort: sort.column === id ? sort.direction : undefined }
  })
  return (
    <PlainTable className="users-table" columns={columns} label="Users">
      {users.map((user) => (
        <UserRow key={user.userId} onChangeLimit={onChangeLimit} user={user} />
      ))}
    </PlainTable>
  )
}

interface SortButtonProps extends Pick<UsersTableProps, 'sort' | 'onSort'> {
  column: SortColumn
  end: boolean
  children: string
}

/** Sorts by its column; once more, the other way round. */
function SortButton({ column, end, children, sort, onSort }: SortButtonProps) {
  const isSorted = sort.column === column
  const up = isSorted && sort.direction === 'ascending'
  return (
    <button
      className={`group inline-flex cursor-pointer items-center gap-1 rounded-sm outline-offset-2 hover:text-foreground ${end ? 'flex-row-reverse' : ''}`}
      onClick={() => onSort({ column, direction: isSorted && !up ? 'ascending' : 'descending' })}
      type="button"
    >
      {children}
      <ChevronDownIcon
        className={`size-3 ${up ? 'rotate-180' : ''} ${isSorted ? '' : 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60'}`}
      />
    </button>
  )
}

type UserRowProps = { user: User } & Pick<UsersTableProps, 'onChangeLimit'>

function UserRow({ user, onChangeLimit }: UserRowProps) {
  const usage = usageOf(user)
  const number = table.cell({ className: 'text-end tabular-nums' })
  return (
    <tr className={table.row()} role="row">
      <td className={table.cell({ className: 'name-cell' })} role="cell">
        <div className="flex min-w-0 items-center gap-2">
          <Link className={`min-w-0 ${LINK}`} to={userPath(user.userId)}>
            <Name of={user.userId} />
          </Link>
          <StandingChip standing={usage.standing} />
        </div>
      </td>
      <td className={number} role="cell" data-name="Usage">
        <Count of={usage.used} />
        {usage.held > 0n && (
          <div className="text-xs whitespace-nowrap text-muted">
            + <Count of={usage.held} /> held
          </div>
        )}
      </td>
      <td className={number} role="cell" data-name="Limit">
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
      </td>
      <td className={number} role="cell" data-name="Remaining">
        {usage.remaining === null ? <span className="text-muted">Unlimited</span> : <Count of={usage.remaining} />}
      </td>
      <td className={table.cell()} role="cell">
        {usage.percent === null ? (
          <span className="text-muted">No limit</span>
        ) : (
          <div className="flex items-center md:min-w-32 lg:min-w-44 gap-3">
            <UsageBar exact={exactTokens} label={`Tokens of ${user.userId}`} usage={usage} />
            <span className="w-15 shrink-0 text-end tabular-nums">{percentText(usage.percent)}</span>
          </div>
        )}
      </td>
      <td className={number} role="cell" data-name="Cost">
        <Usd of={integer(user.costNanoUsd)} />
      </td>
    </tr>
  )
}
