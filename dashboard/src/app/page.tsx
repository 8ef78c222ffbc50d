import { lazy } from 'react'
import type { Place } from './routes.ts'

const OverviewPage = lazy(() => import('./pages/overview-page.tsx').then((m) => ({ default: m.OverviewPage })))
const UsersPage = lazy(() => import('../features/users/users.tsx').then((m) => ({ default: m.Users })))
const UserPage = lazy(() => import('./pages/user-page.tsx').then((m) => ({ default: m.UserPage })))
const RequestsPage = lazy(() => import('./pages/requests-page.tsx').then((m) => ({ default: m.RequestsPage })))
const LimitsPage = lazy(() => import('../features/limits/limits.tsx').then((m) => ({ default: m.Limits })))
const AlertsPage = lazy(() => import('../features/alerts/alerts.tsx').then((m) => ({ default: m.Alerts })))
const ProvidersPage = lazy(() => import('../features/providers/providers.tsx').then((m) => ({ default: m.Providers })))
const NotFound = lazy(() => import('./pages/not-found.tsx').then((m) => ({ default: m.NotFound })))

/** The page of a place. Each is a chunk of its own, loaded when it is first gone to. */
export function Page({ place }: { place: Place }) {
  switch (place.page) {
    case 'overview':
      return <OverviewPage />
    case 'users':
      return <UsersPage />
    case 'user':
      return <UserPage userId={place.userId} />
    case 'requests':
      return <RequestsPage />
    case 'limits':
      return <LimitsPage />
    case 'alerts':
      return <AlertsPage />
    case 'providers':
      return <ProvidersPage />
    case 'nowhere':
      return <NotFound />
  }
}
