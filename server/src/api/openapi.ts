import { readFileSync, writeFileSync } from 'node:fs'
import { buildControlPlane } from './control-plane.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'

const FILE = new URL('../../../contract/openapi.json', import.meta.url)
const PACKAGE = new URL('../../package.json', import.meta.url)

/** The description of the control plane as contract/openapi.json has it. */
export async function openApiText(): Promise<string> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  const app = buildControlPlane({
    version,
    secure: false,
    dashboardFolder: '/nowhere',
    live: {},
  } as ControlPlaneDependencies)
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  return text
}

if (import.meta.main) writeFileSync(FILE, await openApiText())
