import { expect, test } from 'vitest'
import { missingNodeFlags } from './node-flags.ts'

test('V8 is told how little young space will do, unless somebody has told it already', () => {
  const [flag = ''] = missingNodeFlags([], '')
  expect(flag).toMatch(/^--max-semi-space-size=\d+$/)
  expect(missingNodeFlags(['--no-warnings'], '--enable-source-maps')).toEqual([flag])
  expect(missingNodeFlags(['--no-warnings', flag], '')).toEqual([])
  expect(missingNodeFlags(['--max_semi_space_size=64'], '')).toEqual([])
  expect(missingNodeFlags([], '--no-warnings --max-semi-space-size=64')).toEqual([])
})
