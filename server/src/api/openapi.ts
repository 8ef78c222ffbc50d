import { buildControlPlane } from './control-plane.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'

/** The description of the control plane, as contract/openapi.json has it. */
export async function openApiText(): Promise<string> {
  const nothing = { secure: false, dashboardFolder: '/nowhere', live: {} } as ControlPlaneDependencies
  const app = buildControlPlane(nothing)
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  return text
}

if (import.meta.main) process.stdout.write(await openApiText())
