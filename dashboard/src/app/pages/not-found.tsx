import { EmptyNote } from '../../ui/empty-note.tsx'
import { Link } from '../../ui/link.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { LINK } from '../../ui/panel.tsx'

export function NotFound() {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyNote title="There is nothing at this address">
        <Link className={`${LINK} text-foreground underline`} to="/">
          Go to the overview
        </Link>
      </EmptyNote>
    </>
  )
}
