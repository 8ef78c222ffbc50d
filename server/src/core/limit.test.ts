import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applying, idsIn, type Limit, METRICS, SCOPES, type Subject } from './limit.ts'

const id = fc.constantFrom('a', 'b', 'default', '__proto__', '')
const anyLabels = fc.dictionary(fc.constantFrom('a', 'a=b', '__proto__'), fc.constantFrom('b', 'c', 'b=c', ''))
const subject: fc.Arbitrary<Subject> = fc.record({
  ...{ tenantId: id, userId: id, keyId: id, provider: id, model: id, labels: anyLabels },
})
const limit: fc.Arbitrary<Limit> = fc.record({
  id: fc.uuid(),
  tenantId: id,
  scope: fc.record({
    kind: fc.constantFrom(...SCOPES),
    id: fc.oneof(id, fc.constantFrom('a=b', 'a=b=c', '__proto__=')),
  }),
  metric: fc.constantFrom(...METRICS),
  window: fc.constant({ kind: 'lifetime' as const }),
  amount: fc.option(fc.bigInt(0n, 10n)),
  mode: fc.constantFrom('hard', 'soft', 'shadow'),
})

test('a limit applies exactly where its tenant is the subject’s and its scope names the subject', () => {
  const named = { tenant: 'tenantId', user: 'userId', key: 'keyId', provider: 'provider', model: 'model' } as const
  fc.assert(
    fc.property(fc.array(limit), subject, (limits, one) => {
      const expected = limits.filter(
        ({ tenantId, scope }) =>
          tenantId === one.tenantId &&
          (scope.kind === 'label'
            ? Object.keys(one.labels).some((name) => `${name}=${one.labels[name]}` === scope.id)
            : one[named[scope.kind]] === scope.id),
      )
      expect(applying(limits, one)).toEqual(expected)
    }),
    { numRuns: 1000 },
  )
})

test('what two labels say alike is one id, so that nothing is counted twice', () => {
  const labels = { a: 'b=c', 'a=b': 'c', d: '' }
  const one: Subject = { tenantId: 't', userId: 'u', keyId: 'k', provider: 'p', model: 'm', labels }
  expect(idsIn(one, 'label')).toEqual(['a=b=c', 'd='])
})

test('Q14: a limit of 0 and one of null apply alike: only their amounts differ', () => {
  const one: Subject = { tenantId: 't', userId: 'u', keyId: 'k', provider: 'p', model: 'm', labels: {} }
  const base: Limit = {
    id: '1',
    tenantId: 't',
    scope: { kind: 'user', id: 'u' },
    metric: 'tokens',
    window: { kind: 'lifetime' },
    amount: 0n,
    mode: 'hard',
  }
  expect(applying([base, { ...base, id: '2', amount: null }], one).map(({ amount }) => amount)).toEqual([0n, null])
})
