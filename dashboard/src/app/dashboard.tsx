import { Calls } from '../features/calls/calls.tsx'
import { Today } from '../features/today/today.tsx'
import { CreateUser } from '../features/users/create-user.tsx'
import { Users } from '../features/users/users.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { TopBar } from './top-bar.tsx'

/** The one page. Features do not know each other: what one needs of another is handed to it here. */
export function Dashboard({ onSignOut }: { onSignOut: () => void }) {
  return (
    <>
      <a
        className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50 focus:rounded-lg focus:bg-accent focus:px-3 focus:py-2 focus:text-accent-foreground"
        href="#content"
      >
        Skip to the content
      </a>
      <TopBar onSignOut={onSignOut} />
      <OfflineBanner />
      <main
        className="mx-auto flex w-full max-w-[1360px] flex-col gap-9 px-4 pt-6 pb-16 sm:px-6"
        id="content"
        tabIndex={-1}
      >
        <h1 className="sr-only">Token Trackr</h1>
        <ErrorBoundary>
          <Today />
        </ErrorBoundary>
        <ErrorBoundary>
          <Users />
        </ErrorBoundary>
        <ErrorBoundary>
          <Calls firstStep={<CreateUser label="Create a user and a key" variant="secondary" />} />
        </ErrorBoundary>
      </main>
    </>
  )
}
