import { Button } from '@heroui/react/button'
import { exactCount } from '../lib/numbers.ts'
import { ChevronLeftIcon, ChevronRightIcon } from './icons.tsx'

interface PagesProps {
  page: number
  size: number
  total: number
  what: string
  onPage: (page: number) => void
}

/** "11–20 of 500" with a step back and forth; nothing where one page holds all. */
export function Pages({ page, size, total, what, onPage }: PagesProps) {
  if (total <= size) return null
  const last = Math.ceil(total / size) - 1
  const text = [page * size + 1, Math.min(total, (page + 1) * size)].map((at) => exactCount(BigInt(at))).join('–')
  return (
    <nav
      aria-label={`Pages of ${what}`}
      className="mt-2 flex items-center justify-end gap-1 text-[13px] text-muted tabular-nums"
    >
      <span className="me-2">
        {text} of {exactCount(BigInt(total))}
      </span>
      <Button
        aria-label={`Previous ${what}`}
        isDisabled={page === 0}
        isIconOnly
        onPress={() => onPage(page - 1)}
        size="sm"
        variant="ghost"
      >
        <ChevronLeftIcon />
      </Button>
      <Button
        aria-label={`Next ${what}`}
        isDisabled={page === last}
        isIconOnly
        onPress={() => onPage(page + 1)}
        size="sm"
        variant="ghost"
      >
        <ChevronRightIcon />
      </Button>
    </nav>
  )
}
