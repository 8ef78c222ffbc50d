import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react'
import { navigate, pageHref, usePathname } from '../lib/location.ts'
import { useShortcuts } from '../lib/use-shortcuts.ts'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { Page } from './page.tsx'
import { Rail } from './rail.tsx'
import { PAGES, placeOf } from './routes.ts'

const ShortcutSheet = lazy(() => import('./shortcut-sheet.tsx').then((m) => ({ default: m.ShortcutSheet })))
const Palette = lazy(() => import('./palette.tsx').then((m) => ({ default: m.Palette })))

/** The rail and the page beside it. Features do not know each other: pages hand one what it needs of another. */
export function Dashboard({ onSignOut }: { onSignOut: () => void }) {
  const pathname = usePathname()
  const place = placeOf(pathname)
  const [open, setOpen] = useState<'sheet' | 'palette' | null>(null)
  const content = useRef<HTMLElement>(null)
  useShortcuts({
    '?': () => setOpen('sheet'),
    'mod+k': () => setOpen(open === 'palette' ? null : 'palette'),
    ...Object.fromEntries(PAGES.map(({ key, path }) => [`g ${key}`, () => navigate(pageHref(path))])),
  })
  useFocusOnArrival(pathname, content)
  return (
    <div className="shell">
      <a
        className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50 focus:rounded-lg focus:bg-accent focus:px-3 focus:py-2 focus:text-accent-foreground"
        href="#content"
      >
        Skip to the content
      </a>
      <Rail onSheet={() => setOpen('sheet')} onSignOut={onSignOut} place={place} />
      <div className="min-w-0">
        <OfflineBanner />
        <main
          className="mx-auto flex w-full max-w-[1440px] flex-col gap-4 px-4 pt-5 pb-16 outline-none sm:px-6"
          id="content"
          ref={content}
          tabIndex={-1}
        >
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<p className="late py-16 text-center text-muted">Loading…</p>}>
              <Page place={place} />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
      <Suspense>
        {open === 'sheet' && <ShortcutSheet onClose={() => setOpen(null)} />}
        {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  )
}

/** Another page begins at its top for the keyboard and for screen readers too, as another document would. */
function useFocusOnArrival(pathname: string, content: RefObject<HTMLElement | null>): void {
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    content.current?.focus({ preventScroll: true })
  }, [pathname, content])
}
