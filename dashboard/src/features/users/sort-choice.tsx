import { PlainSelect } from '../../ui/plain-select.tsx'
import type { Sort, SortColumn } from './sort-users.ts'

const CHOICES: Record<string, { title: string; sort: Sort }> = {
  percentage: { title: 'Most used first', sort: { column: 'percentage', direction: 'descending' } },
  usage: { title: 'Highest usage first', sort: { column: 'usage', direction: 'descending' } },
  limit: { title: 'Highest limit first', sort: { column: 'limit', direction: 'descending' } },
  user: { title: 'By user', sort: { column: 'user', direction: 'ascending' } },
} satisfies Record<SortColumn, { title: string; sort: Sort }>

/** Sorting where the screen is too narrow for column headers. */
export function SortChoice({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  return (
    <div className="md:hidden">
      <PlainSelect
        label="Sort users"
        onChange={(column) => {
          const choice = CHOICES[column]
          if (choice) onSort(choice.sort)
        }}
        options={Object.entries(CHOICES).map(([value, { title }]) => ({ value, title }))}
        value={sort.column}
      />
    </div>
  )
}
