import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../core/errors.ts'

test('docs/errors.md lists every error of the catalogue, as it is', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const expected = Object.entries(ERRORS).map(
    ([code, { status, retry, next }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${next} |`,
  )
  expect(rows).toEqual(expected)
})
