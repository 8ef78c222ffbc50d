import { createContext, use, useSyncExternalStore } from 'react'
import type { Api } from './api.ts'
import type { LiveState } from './live-state.ts'
import type { Live } from './live-stream.ts'

/** What every feature is given by the app: the routes, the live state, a voice for screen readers, and the zone. */
export interface Services {
  readonly api: Api
  readonly live: Pick<Live, 'state' | 'subscribe'>
  /** Says a change that the person caused. */
  readonly announce: (text: string) => void
  readonly zone: string
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = use(ServicesContext)
  if (!services) throw new Error('No services above this component')
  return services
}

export function useLiveState(): LiveState {
  const { live } = useServices()
  return useSyncExternalStore(live.subscribe, live.state)
}
