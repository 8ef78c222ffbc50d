import { expect, test } from 'vitest'
import { missingNodeFlags, nodeFlags } from './node-flags.ts'

const [space = '', pool = '', threads = '', scavenges = '', ...undivided] = nodeFlags(1)

test('V8 is told how little young space will do, and on one core not to divide a collection, unless somebody has told it already', () => {
  const all = [space, pool, threads, scavenges, ...undivided]
  expect(space).toMatch(/^--max-semi-space-size=\d+$/)
  expect(missingNodeFlags(all, ['--no-warnings'], '--enable-source-maps')).toEqual(all)
  expect(missingNodeFlags(all, ['--no-warnings', ...all], '')).toEqual([])
  expect(missingNodeFlags(all, ['--max_semi_space_size=64', scavenges], '')).toEqual([pool, threads, ...undivided])
  expect(missingNodeFlags(all, undivided, '--no-warnings --max-semi-space-size=64')).toEqual([pool, threads, scavenges])
  expect(missingNodeFlags(all, undivided, '--parallel_scavenge')).toEqual([space, pool, threads])
})

test.each([
  [1, 1],
  [2, 1],
  [3, 2],
  [64, 4],
])('on %i cores, V8 gets as many threads as there are others, and no more than it would take: %i', (cores, most) => {
  expect(nodeFlags(cores)).toContain(`--v8-pool-size=${most}`)
  expect(nodeFlags(cores).some((flag) => flag.startsWith('--no-parallel-'))).toBe(cores === 1)
})
