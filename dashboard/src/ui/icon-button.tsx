import { Button } from '@heroui/react/button'
import type { ReactNode } from 'react'

interface IconButtonProps {
  label: string
  className?: string
  onPress: () => void
  children: ReactNode
}

/** A small button that is an icon, named for those who do not see it. */
export function IconButton({ label, className = '', onPress, children }: IconButtonProps) {
  return (
    <Button
      aria-label={label}
      className={`text-muted ${className}`}
      isIconOnly
      onPress={onPress}
      size="sm"
      variant="ghost"
    >
      {children}
    </Button>
  )
}
