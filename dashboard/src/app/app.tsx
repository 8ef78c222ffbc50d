import { type Query, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiError, createApi } from '../lib/api.ts'
import { coalesced } from '../lib/coalesce.ts'
import { createLive } from '../lib/live-stream.ts'
import { useUrlParameter } from '../lib/location.ts'
import { ServicesContext } from '../lib/services.ts'
import { browserZone, isZone } from '../lib/time.ts'
import { Dashboard } from './dashboard.tsx'
import { mayBeSignedIn, rememberSignedIn } from './session.ts'
import { SignInPage } from './sign-in-page.tsx'

const SessionEnded = lazy(() => import('./session-ended.tsx').then((module) => ({ default: module.SessionEnded })))

/** Hints may come twice a second; reading again 0.4 s apart keeps the page within a second of the truth. */
const REFRESH_GAP_MS = 400

type SessionState = 'unknown' | 'in' | 'ended' | 'out'

export function App() {
  const [session, setSession] = useState<SessionState>(() => (mayBeSignedIn() ? 'unknown' : 'out'))
  const announcer = useRef<HTMLDivElement>(null)
  const announce = useCallback((text: string) => {
    if (announcer.current) announcer.current.textContent = text
  }, [])
  const { queries, api, live } = useMemo(() => wire(() => setSession(expired)), [])
  // A copied link names its zone, so that its days are the same days for whoever opens it.
  const [named] = useUrlParameter('zone')
  const zone = named !== null && isZone(named) ? named : browserZone()
  const services = useMemo(() => ({ api, live, announce, zone }), [api, live, announce, zone])

  useEffect(() => {
    if (session !== 'unknown') return
    api.session().then(
      () => setSession('in'),
      // A server that does not answer is not a session that is gone: the page itself says that it is offline.
      (error: unknown) => setSession(error instanceof ApiError && error.status === 401 ? 'out' : 'in'),
    )
  }, [session, api])

  useEffect(() => {
    if (session === 'out') rememberSignedIn(false)
    return session === 'in' ? live.start() : undefined
  }, [session, live])

  const signedIn = () => {
    rememberSignedIn(true)
    setSession('in')
    void queries.invalidateQueries()
  }
  const signOut = () => {
    void api.signOut().catch(() => undefined)
    queries.clear()
    setSession('out')
  }

  return (
    <ServicesContext value={services}>
      <QueryClientProvider client={queries}>
        {session === 'unknown' && <p className="late grid min-h-dvh place-items-center text-muted">Connecting…</p>}
        {session === 'out' && <SignInPage onSignedIn={signedIn} />}
        {(session === 'in' || session === 'ended') && <Dashboard onSignOut={signOut} />}
        {session === 'ended' && (
          <Suspense>
            <SessionEnded onSignedIn={signedIn} />
          </Suspense>
        )}
        <div aria-live="polite" className="sr-only" data-live-announcer="true" ref={announcer} role="status" />
      </QueryClientProvider>
    </ServicesContext>
  )
}

const expired = (session: SessionState): SessionState => (session === 'in' ? 'ended' : session)

/** What is live, and what could not be read: a server that is back heals the whole page. */
const isRefreshed = ({ meta, state }: Query) => meta?.live === true || state.status === 'error'

/** The parts that outlive every render. Requests tell the live state what they met; hints make the queries read again. */
function wire(onSignedOut: () => void) {
  const queries = new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: false, staleTime: 0, gcTime: 60_000 },
      mutations: { networkMode: 'always', retry: false },
    },
  })
  // A read that is under way is not cut off by the next hint: under a steady stream of them nothing would ever arrive.
  const readAgain = () => queries.refetchQueries({ type: 'active', predicate: isRefreshed }, { cancelRefetch: false })
  const live = createLive(coalesced(readAgain, REFRESH_GAP_MS))
  const api = createApi({ answered: live.answered, unanswered: live.unanswered, signedOut: onSignedOut })
  return { queries, live, api }
}
