// `npm test`: installs everything, proves everything, and ends with one line that sums it up. `npm test -- lint unit`
// runs only the steps whose names begin so.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installedForTesting } from './install.mjs'
import { ROOT, STAMPS, runtime } from './paths.mjs'
import { STEPS } from './steps.mjs'

/** A step that hangs is ended, so that the others and the last line still come. */
const MOST_MS_PER_STEP = 420_000

const total = { passed: 0, failed: 0 }
const failures = []
try {
  await timed({ name: 'install', does: installedForTesting })
  if (failures.length === 0) for (const step of chosen(process.argv.slice(2))) await timed(step)
} finally {
  for (const name of failures) console.log(`failed: ${name}`)
  console.log(`${total.passed} passed, ${total.failed} failed`)
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
}

function chosen(names) {
  if (names.length === 0) return STEPS
  return STEPS.filter((step) => names.some((name) => step.name.startsWith(name)))
}

async function timed(step) {
  console.log(`\n== ${step.name}`)
  const begin = performance.now()
  const { passed, failed } = await resultOf(step)
  total.passed += passed
  total.failed += failed
  if (failed > 0) failures.push(step.name)
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`== ${step.name}: ${passed} passed, ${failed} failed in ${seconds} s`)
}

async function resultOf(step) {
  try {
    if (step.does) await step.does()
    else if (step.tests) return await vitest(step)
    else if ((await run(step.args, ROOT)) !== 0) return { passed: 0, failed: 1 }
    return { passed: 1, failed: 0 }
  } catch (error) {
    console.error(error.message)
    return { passed: 0, failed: 1 }
  }
}

async function vitest({ name, tests, folder = ROOT }) {
  mkdirSync(STAMPS, { recursive: true })
  const report = join(STAMPS, `vitest-${name.replaceAll(' ', '-')}.json`)
  rmSync(report, { force: true })
  const program = join(folder, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run([program, 'run', ...reporters, ...tests], folder)
  const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // A file that does not load has no tests that could fail, and an unhandled rejection belongs to none.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = numFailedTests + broken
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed }
}

function run(args, cwd) {
  const node = runtime()
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, stdio: 'inherit', timeout: MOST_MS_PER_STEP, killSignal: 'SIGKILL' })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
