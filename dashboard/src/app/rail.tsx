import { useState } from 'react'
import { IconButton } from '../ui/icon-button.tsx'
import {
  BellIcon,
  CollapseIcon,
  KeyboardIcon,
  LimitsIcon,
  OverviewIcon,
  ProvidersIcon,
  RequestsIcon,
  SignOutIcon,
  UsersIcon,
} from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import { Brand } from './brand.tsx'
import { LiveStatus } from './live-status.tsx'
import { isRailNarrow, rememberRailNarrow } from './rail-width.ts'
import { type PageName, PAGES, type Place } from './routes.ts'
import { ThemeToggle } from './theme-toggle.tsx'

const ICONS: Record<PageName, typeof OverviewIcon> = {
  overview: OverviewIcon,
  users: UsersIcon,
  requests: RequestsIcon,
  limits: LimitsIcon,
  alerts: BellIcon,
  providers: ProvidersIcon,
}

interface RailProps {
  place: Place
  onSignOut: () => void
  onSheet: () => void
}

/** The way to each page, and how fresh what is seen is. On narrow screens it lies on top. */
export function Rail({ place, onSignOut, onSheet }: RailProps) {
  const [narrow, setNarrow] = useState(isRailNarrow)
  const toggle = () => {
    rememberRailNarrow(!narrow)
    setNarrow(!narrow)
  }
  const here = place.page === 'user' ? 'users' : place.page
  return (
    <header className="rail" data-narrow={narrow}>
      <Link aria-label="Token Trackr: overview" className="rail-brand rounded-lg" to="/">
        <Brand />
      </Link>
      <nav aria-label="Pages" className="rail-pages">
        {PAGES.map(({ path, name, title, key }) => {
          const Icon = ICONS[name]
          return (
            <Link
              aria-current={here === name ? 'page' : undefined}
              className="rail-page"
              key={name}
              title={`${title} (g ${key})`}
              to={path}
            >
              <Icon className="size-4.5" />
              <span className="rail-text">{title}</span>
            </Link>
          )
        })}
      </nav>
      <div className="rail-tools">
        <LiveStatus />
        <div className="rail-buttons">
          <ThemeToggle />
          <IconButton className="max-md:hidden" label="Keyboard shortcuts" onPress={onSheet}>
            <KeyboardIcon />
          </IconButton>
          <IconButton label="Sign out" onPress={onSignOut}>
            <SignOutIcon />
          </IconButton>
          <IconButton
            className="max-lg:hidden"
            label={narrow ? 'Show the names of pages' : 'Hide the names of pages'}
            onPress={toggle}
          >
            <CollapseIcon />
          </IconButton>
        </div>
      </div>
    </header>
  )
}
