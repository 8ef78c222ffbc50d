import { z } from 'zod'
import type { DeploymentHealth } from '../core/ports/deployment.ts'
import { isoTime } from '../reports/time.ts'
import { deploymentSchema } from './report-schemas.ts'
import { type ControlRoute, route } from './route.ts'

const ledgerSchema = z.strictObject({
  spooledCalls: z.int().describe('calls that went without the ledger and are not in it yet'),
})

export const providerRoutes: readonly ControlRoute[] = [
  route({
    method: 'GET',
    path: '/api/providers',
    summary: 'How the deployments that were called, and the ledger, have been doing, as far as this process has seen',
    authentication: 'admin',
    answers: { 200: z.strictObject({ deployments: z.array(deploymentSchema), ledger: ledgerSchema }) },
    handle: async ({ health, spooledCalls }) => ({
      deployments: health().map(deploymentOf),
      ledger: { spooledCalls: spooledCalls() },
    }),
  }),
]

function deploymentOf({ coolsUntilMs, lastFailure, ...rest }: DeploymentHealth) {
  return {
    ...rest,
    coolsUntil: coolsUntilMs === null ? null : isoTime(coolsUntilMs),
    lastFailure: lastFailure && { at: isoTime(lastFailure.atMs), reason: lastFailure.reason },
  }
}
