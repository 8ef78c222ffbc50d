import { expect, test } from 'vitest'
import type { Identity } from './account.ts'
import { fewNames, namesFor } from './few-names.ts'
import type { Limit } from './limit.ts'

const who = (...scopes: readonly Limit['scope'][]) =>
  ({ tenant: { id: 't' }, limits: scopes.map((scope) => ({ scope })) }) as unknown as Identity

test('Q21: a limit keeps the name that it goes by, and no other name beside it', () => {
  const names = fewNames(1)
  const limited = who({ kind: 'provider', id: 'p' }, { kind: 'model', id: 'm' })
  const named = (provider: string, model: string, identity = limited) =>
    namesFor(names, identity, { provider, model }, 0)
  expect(named('p', 'first')).toEqual({ provider: 'p', model: 'first' })
  expect(named('p', 'second')).toEqual({ provider: 'p', model: 'other' })
  expect(named('q', 'm')).toEqual({ provider: 'other', model: 'm' })
  expect(named('p', 'm')).toEqual({ provider: 'p', model: 'm' })
  expect(named('q', 'third')).toEqual({ provider: 'other', model: 'other' })
  expect(named('p', 'first', who())).toEqual({ provider: 'p', model: 'first' })
})
