import { expect, test } from 'vitest'
import { chaosRun } from './chaos-run.ts'
import { chaosTable } from './chaos-table.ts'

test('with clients and a provider that misbehave, nothing crashes, hangs, is lost or doubled, and no limit is exceeded', async () => {
  const run = await chaosRun({ seconds: 12, seed: 7, lanes: 16 })
  expect(run.faults.slice(0, 5), chaosTable(run)).toEqual([])
  expect(run.seen.filter(({ complete }) => complete).length, chaosTable(run)).toBeGreaterThan(20)
  expect(new Set(run.entries.map(({ outcome }) => outcome)).size).toBe(4)
}, 120_000)
