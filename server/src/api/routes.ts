import { alertRoutes } from './alerts.ts'
import { credentialRoutes } from './credentials.ts'
import { dashboardRoutes } from './dashboard.ts'
import { entryRoutes } from './entries.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys.ts'
import { limitRoutes } from './limits.ts'
import { limitsTestRoutes } from './limits-test.ts'
import { liveRoutes } from './live.ts'
import { metricsRoutes } from './metrics.ts'
import { providerRoutes } from './providers.ts'
import { refusalRoutes } from './refusals.ts'
import type { ControlRoute } from './route.ts'
import { sessionRoutes } from './session.ts'
import { summaryRoutes } from './summary.ts'
import { usageRoutes } from './usage.ts'
import { userRoutes } from './users.ts'

/** The routes of the control plane. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  ...healthRoutes,
  ...metricsRoutes,
  ...sessionRoutes,
  ...userRoutes,
  ...keyRoutes,
  ...credentialRoutes,
  ...limitRoutes,
  ...limitsTestRoutes,
  ...entryRoutes,
  ...refusalRoutes,
  ...alertRoutes,
  ...summaryRoutes,
  ...providerRoutes,
  ...liveRoutes,
  ...usageRoutes,
  ...dashboardRoutes,
]
