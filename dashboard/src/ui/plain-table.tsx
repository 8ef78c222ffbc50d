import { tableVariants } from '@heroui/styles/components/table'
import type { AriaAttributes, ReactNode } from 'react'

/** The library's clothes for a table, and for the rows and cells that are put into one. */
export const table = tableVariants()

export interface TableColumn {
  title: string
  /** Numbers stand at the end. */
  end?: boolean
  /** What is in the head in place of the title. */
  head?: ReactNode
  sort?: AriaAttributes['aria-sort']
}

interface PlainTableProps {
  label: string
  className: string
  columns: readonly TableColumn[]
  children: ReactNode
}

/**
 * A plain table: each link and button in it is one Tab away, and a live row renders alone. The library's own grid builds its
 * whole collection again for each row, which is too slow for a live list of hundreds.
 */
export function PlainTable({ label, className, columns, children }: PlainTableProps) {
  return (
    <div className={table.base({ className: `plain-table ${className}` })}>
      <div className={table.scrollContainer()}>
        <table aria-label={label} className={table.content()} role="table">
          <thead className={table.header()} role="rowgroup">
            <tr role="row">
              {columns.map(({ title, end = false, head = title, sort }) => (
                <th
                  aria-sort={sort}
                  className={table.column({ className: end ? 'text-end' : '' })}
                  key={title}
                  role="columnheader"
                  scope="col"
                >
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className={table.body()} role="rowgroup">
            {children}
          </tbody>
        </table>
      </div>
    </div>
  )
}
