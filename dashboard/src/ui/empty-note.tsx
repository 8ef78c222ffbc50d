import { Button } from '@heroui/react/button'
import { EmptyState } from '@heroui/react/empty-state'
import type { ReactNode } from 'react'

interface EmptyNoteProps {
  title: string
  children: ReactNode
  /** Takes the filter off that left nothing. */
  onClear?: () => void
  clearLabel?: string
}

export function EmptyNote({ title, children, onClear, clearLabel = 'Clear filters' }: EmptyNoteProps) {
  return (
    <EmptyState className="flex flex-col items-center gap-1.5 rounded-3xl border border-dashed border-border px-6 py-10 text-center">
      <p className="font-medium text-foreground">{title}</p>
      <div className="max-w-prose text-[13px] wrap-anywhere">{children}</div>
      {onClear && (
        <Button className="mt-2" onPress={onClear} size="sm" variant="secondary">
          {clearLabel}
        </Button>
      )}
    </EmptyState>
  )
}
