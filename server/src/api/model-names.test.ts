import { expect, test } from 'vitest'
import { ask, errorOf, EVENT, type Fixture, open } from './control-plane.test.fixture.ts'

const limit = (fixture: Fixture, id: string, kind = 'model') => {
  const payload = { scope: { kind, id }, metric: 'requests', window: { kind: 'lifetime' }, amount: 5 }
  return ask(fixture, 'POST', '/api/limits', { payload, headers: fixture.admin })
}

test('Q12: a limit by any name of a model is one limit of the model; a name of several models is refused with them', async () => {
  const fixture = await open()
  const first = await limit(fixture, 'gpt-4o-dated')
  expect(first.statusCode).toBe(201)
  expect(first.json()).toMatchObject({ scope: { kind: 'model', id: 'gpt-4o' } })
  expect((await limit(fixture, 'gpt-4o')).statusCode).toBe(200)
  const error = errorOf(await limit(fixture, 'both'))
  expect(error).toMatchObject({ code: 'invalid_field', field: 'scope.id' })
  expect(error.message).toContain('one, two')
})

test('Q12: what is ingested under another name counts for the model, and keeps the name beside it', async () => {
  const fixture = await open()
  await limit(fixture, 'gpt-4o')
  const headers = { 'x-api-key': fixture.key, 'content-type': 'application/json' }
  const payload = { ...EVENT, model: 'gpt-4o-dated' }
  expect((await ask(fixture, 'POST', '/usage', { payload, headers })).statusCode).toBe(201)
  const get = async <T>(url: string) => (await ask(fixture, 'GET', url, { headers: fixture.admin })).json<T>()
  const { entries } = await get<{ entries: object[] }>('/api/entries')
  expect(entries).toMatchObject([{ model: 'gpt-4o', servedModel: 'gpt-4o-dated' }])
  const { limits } = await get<{ limits: { scope: { id: string }; settled: number }[] }>('/api/limits')
  expect(limits.find(({ scope }) => scope.id === 'gpt-4o')?.settled).toBe(1)
})
