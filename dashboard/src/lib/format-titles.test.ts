import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FORMAT_TITLES } from './format-titles.ts'

test('every API that the contract names has a title, and no other', () => {
  const contract = JSON.parse(readFileSync(new URL('../../../contract/openapi.json', import.meta.url), 'utf8'))
  const { schema } = contract.paths['/api/limits/test'].post.requestBody.content['application/json']
  expect(Object.keys(FORMAT_TITLES)).toEqual(schema.properties.format.enum)
})
