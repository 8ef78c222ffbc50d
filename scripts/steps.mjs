import { join } from 'node:path'
import { dashboardBuilt } from './dashboard.mjs'
import { ROOT } from './paths.mjs'

const tool = (name, ...path) => join(ROOT, 'node_modules', name, ...path)
const tsc = (project) => [tool('typescript', 'bin', 'tsc'), '-p', project]

/**
 * Everything that `npm test` proves, quickest first. A step runs a program by Node, with `args`, in `folder`; one with
 * `tests` is Vitest, whose every test counts; `does` is done in this process.
 */
export const STEPS = [
  { name: 'format', args: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { name: 'lint', args: [tool('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'types', args: tsc('.') },
  { name: 'types of the dashboard', args: tsc('dashboard') },
  { name: 'types of the black-box tests', args: tsc('e2e') },
  { name: 'dead code', args: [tool('knip', 'bin', 'knip.js')] },
  { name: 'tidy', tests: ['scripts'] },
  { name: 'unit', tests: ['server', 'dashboard', 'bench'] },
  { name: 'dashboard build', does: dashboardBuilt },
  { name: 'black box', tests: [], folder: join(ROOT, 'e2e') },
]
