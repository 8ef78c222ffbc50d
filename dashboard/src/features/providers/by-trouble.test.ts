import { expect, test } from 'vitest'
import type { Deployment } from '../../lib/contract.ts'
import { byTrouble } from './by-trouble.ts'

const deployment = (name: string, state: Deployment['state'], attempts: number, failures: number) =>
  ({ name, provider: 'openai', state, attempts, failures }) as Deployment

test('what cools down comes first, then what fails most of the time, then names', () => {
  const all = [
    deployment('b', 'ok', 10, 0),
    deployment('a', 'ok', 10, 0),
    deployment('asleep', 'unknown', 0, 0),
    deployment('seldom', 'ok', 1_000, 20),
    deployment('often', 'ok', 10, 5),
    deployment('cooling', 'cooling', 3, 3),
  ]
  expect(byTrouble(all).map(({ name }) => name)).toEqual(['cooling', 'often', 'seldom', 'a', 'b', 'asleep'])
})
