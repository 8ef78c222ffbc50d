import { expect, test } from 'vitest'
import type { Deployment } from '../core/ports/deployment.ts'
import { health } from './health.ts'

const deployment = (name: string) => ({ name, provider: name, model: 'm', format: 'openai-chat' }) as Deployment
const [a, b] = [deployment('a'), deployment('b')]
const names = (deployments: readonly Deployment[]) => deployments.map(({ name }) => name)

function setUp() {
  const clock = { nowMs: 0 }
  return { clock, of: health({ allowedFailures: 2, coolDownMs: 1_000 }, () => clock.nowMs) }
}

test('a deployment that failed too often in a row is asked last, until it has cooled down', () => {
  const { clock, of } = setUp()
  of.failed(a, 'answered 500', undefined)
  expect(names(of.inOrder([a, b]))).toEqual(['a', 'b'])
  of.failed(a, 'answered 500', undefined)
  expect(names(of.inOrder([a, b]))).toEqual(['b', 'a'])
  expect(of.all()).toMatchObject([{ name: 'a', state: 'cooling', coolsUntilMs: 1_000, failures: 2 }])
  clock.nowMs = 1_000
  expect(names(of.inOrder([a, b]))).toEqual(['a', 'b'])
})

test('a success in between starts the count anew', () => {
  const { of } = setUp()
  of.failed(a, 'answered 500', undefined)
  of.succeeded(a, 12)
  of.failed(a, 'answered 500', undefined)
  expect(names(of.inOrder([a, b]))).toEqual(['a', 'b'])
  expect(of.all()[0]).toMatchObject({ attempts: 3, failures: 2, medianFirstByteMs: 12 })
})

test('a provider that names a time is left alone for so long, but not for ever', () => {
  const { clock, of } = setUp()
  of.failed(a, 'answered 429', 7_000)
  expect(of.all()[0]!.coolsUntilMs).toBe(7_000)
  of.failed(b, 'answered 429', 86_400_000)
  expect(of.all()[1]!.coolsUntilMs).toBe(300_000)
  clock.nowMs = 7_000
  expect(names(of.inOrder([b, a]))).toEqual(['a', 'b'])
})
