import { SearchField } from '@heroui/react/search-field'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { exactCount } from '../../lib/numbers.ts'
import { usePage } from '../../lib/use-page.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { LoadingRows } from '../../ui/loading.tsx'
import { Pages } from '../../ui/pages.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { CreateUser } from './create-user.tsx'
import { ReachedWarning } from './reached-warning.tsx'
import { readSort, type Sort, sortUsers } from './sort-users.ts'
import { SortChoice } from './sort-choice.tsx'
import { useUsers } from './use-users.ts'
import { UsersTable } from './users-table.tsx'

const LimitDialog = lazy(() => import('./limit-dialog.tsx').then((module) => ({ default: module.LimitDialog })))

const PAGE_SIZE = 20

export function Users() {
  const { data, error, refetch } = useUsers()
  const [sort, setSort] = useSort()
  const [wantedText, setSearch] = useUrlParameter('find')
  const search = wantedText ?? ''
  const [page, setPage] = usePage()
  const [changing, setChanging] = useState<string | null>(null)

  const field = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => field.current?.focus() })
  const wanted = search.trim().toLowerCase()
  const found = useMemo(() => {
    const matching = data?.users.filter(({ userId }) => userId.toLowerCase().includes(wanted)) ?? []
    return sortUsers(matching, sort)
  }, [data, wanted, sort])
  const lastPage = Math.max(0, Math.ceil(found.length / PAGE_SIZE) - 1)
  const shownPage = Math.min(page, lastPage)
  const shown = found.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE)
  const userOf = (userId: string | null) => data?.users.find((user) => user.userId === userId)
  const changingUser = userOf(changing)

  return (
    <>
      <PageHeader
        actions={
          <>
            {data && data.users.length > 0 && (
              <SearchField
                aria-label="Find a user"
                className="max-sm:min-w-0 max-sm:flex-1"
                onChange={(text) => setParameters({ find: text, page: null }, true)}
                value={search}
              >
                <SearchField.Group className="h-8">
                  <SearchField.SearchIcon />
                  <SearchField.Input ref={field} className="w-36 text-[13px] max-sm:w-full" placeholder="Find a user" />
                  <SearchField.ClearButton />
                </SearchField.Group>
              </SearchField>
            )}
            <CreateUser label="Create user" variant="primary" />
          </>
        }
        note={data && `${exactCount(BigInt(data.users.length))}${data.complete ? '' : '+'}`}
        title="Users"
      />
      {!data && error && <ErrorState error={error} onRetry={() => void refetch()} what="The users" />}
      {!data && !error && <LoadingRows rows={4} what="Users" />}
      {data?.users.length === 0 && (
        <EmptyNote title="No users yet">
          A user is whoever consumes tokens. Create one, and give it a limit and a key.
        </EmptyNote>
      )}
      {data && data.users.length > 0 && (
        <>
          <ReachedWarning onChange={setChanging} users={data.users} />
          <SortChoice onSort={setSort} sort={sort} />
          {found.length === 0 ? (
            <EmptyNote onClear={() => setSearch(null)} title="No user matches">
              Nothing among {exactCount(BigInt(data.users.length))} users contains “{search.trim()}”.
            </EmptyNote>
          ) : (
            <UsersTable onChangeLimit={setChanging} onSort={setSort} sort={sort} users={shown} />
          )}
          <Pages onPage={setPage} page={shownPage} size={PAGE_SIZE} total={found.length} what="users" />
          {!data.complete && (
            <p className="mt-2 text-[13px] text-muted">
              The first {exactCount(BigInt(data.users.length))} users by id are listed and sorted here; there are more.
            </p>
          )}
        </>
      )}
      <Suspense>{changingUser && <LimitDialog onClose={() => setChanging(null)} user={changingUser} />}</Suspense>
    </>
  )
}

/** The order as the address says it: `?sort=usage&order=ascending`. */
function useSort(): [Sort, (sort: Sort) => void] {
  const [column] = useUrlParameter('sort')
  const [order] = useUrlParameter('order')
  const set = (sort: Sort) => setParameters({ sort: sort.column, order: sort.direction }, true)
  return [readSort(column, order), set]
}
