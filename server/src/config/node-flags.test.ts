import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { missingNodeFlags } from './node-flags.ts'

test('V8 is told how little young space will do and how few threads, unless somebody has told it already', () => {
  const [space = '', threads = ''] = missingNodeFlags([], '')
  expect(space).toMatch(/^--max-semi-space-size=\d+$/)
  expect(missingNodeFlags(['--no-warnings'], '--enable-source-maps')).toEqual([space, threads])
  expect(missingNodeFlags(['--no-warnings', space], '')).toEqual([threads])
  expect(missingNodeFlags(['--max_semi_space_size=64', threads], '')).toEqual([])
  expect(missingNodeFlags([threads], '--no-warnings --max-semi-space-size=64')).toEqual([])
})

test('the threads of V8 are no more than there are other cores, and no more than it would take by itself', () => {
  const threads = Number(missingNodeFlags([], '')[1]!.replace('--v8-pool-size=', ''))
  expect(threads).toBe(Math.min(4, Math.max(1, availableParallelism() - 1)))
})
