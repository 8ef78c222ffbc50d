import { Button } from '@heroui/react/button'
import { SignOutIcon } from '../ui/icons.tsx'
import { Brand } from './brand.tsx'
import { LiveStatus } from './live-status.tsx'
import { ThemeToggle } from './theme-toggle.tsx'

const PARTS = [
  { href: '#today', title: 'Today' },
  { href: '#users', title: 'Users' },
  { href: '#calls', title: 'Calls' },
]

export function TopBar({ onSignOut }: { onSignOut: () => void }) {
  return (
    <header className="sticky top-0 z-20 border-b border-border bg-surface/90 backdrop-blur-md">
      <div className="mx-auto flex h-13 max-w-[1360px] items-center gap-2 px-4 sm:gap-4 sm:px-6">
        <Brand />
        <nav aria-label="Parts of the page" className="flex items-center gap-0.5 sm:ms-2">
          {PARTS.map(({ href, title }) => (
            <a
              className="rounded-lg px-2 py-1.5 text-[13px] font-medium text-muted outline-offset-0 hover:bg-default hover:text-foreground max-sm:hidden sm:px-2.5"
              href={href}
              key={href}
            >
              {title}
            </a>
          ))}
        </nav>
        <div className="ms-auto flex items-center gap-1">
          <LiveStatus />
          <ThemeToggle />
          <Button aria-label="Sign out" className="text-muted" isIconOnly onPress={onSignOut} size="sm" variant="ghost">
            <SignOutIcon />
          </Button>
        </div>
      </div>
    </header>
  )
}
