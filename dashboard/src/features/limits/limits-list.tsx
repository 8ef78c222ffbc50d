import type { Limit } from '../../lib/contract.ts'
import { setParameters, useUrlParameter } from '../../lib/location.ts'
import { exactCount } from '../../lib/numbers.ts'
import { usePage } from '../../lib/use-page.ts'
import { EmptyNote } from '../../ui/empty-note.tsx'
import { Pages } from '../../ui/pages.tsx'
import { LimitsTable } from './limits-table.tsx'
import { findLimits, sortLimits } from './sort-limits.ts'

const PAGE_SIZE = 20

interface LimitsListProps {
  limits: readonly Limit[]
  onChange: (limit: Limit) => void
}

/** The limits that were looked for, the fullest first, a page at a time. */
export function LimitsList({ limits, onChange }: LimitsListProps) {
  const [text] = useUrlParameter('find')
  const [page, setPage] = usePage()
  const found = sortLimits(findLimits(limits, text ?? ''))
  const shownPage = Math.min(page, Math.max(0, Math.ceil(found.length / PAGE_SIZE) - 1))
  if (limits.length === 0)
    return (
      <EmptyNote title="No limits yet">
        Nobody is stopped by anything. A limit binds everybody, a user, a key, a provider, a model or a label, by
        tokens, requests or cost.
      </EmptyNote>
    )
  if (found.length === 0)
    return (
      <EmptyNote onClear={() => setParameters({ find: null, page: null }, true)} title="No limit matches">
        Nothing among {exactCount(BigInt(limits.length))} limits has “{text}” in it.
      </EmptyNote>
    )
  return (
    <div>
      <LimitsTable limits={found.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE)} onChange={onChange} />
      <Pages onPage={setPage} page={shownPage} size={PAGE_SIZE} total={found.length} what="limits" />
    </div>
  )
}
