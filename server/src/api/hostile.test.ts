import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, errorOf, type Fixture, open, SAMPLES } from './control-plane.test.fixture.ts'
import { CONTROL_ROUTES } from './routes.ts'
import type { ControlRoute } from './route.ts'

/** The whole of it by command: TT_FUZZ=10000 npx vitest run server/src/api/hostile. */
const RUNS = Number(process.env['TT_FUZZ'] ?? 200)

const credentialFor = (fixture: Fixture, { authentication }: ControlRoute) => ({
  authorization: `Bearer ${authentication === 'key' ? fixture.key : fixture.adminSecret}`,
})
const endpointOf = ({ method, path }: ControlRoute) => `${method} ${path}`

/** Values that have broken parsers, and any other. */
const aValue = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue() },
  fc.constantFrom<unknown>(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202ex',
    '👩‍👩‍👧',
    '../',
    '__proto__',
    'constructor',
    'ä'.normalize('NFD'),
  ),
  fc.constantFrom<unknown>(-1, 0.5, 2 ** 53, -0, 1e21, Number.MAX_VALUE, '9007199254740993', '1e5', null, [], {}, [[]]),
  fc.constantFrom<unknown>('2026-02-30', 'P1D', 'Mars/Olympus', '+99:99', 'x'.repeat(5_000), { $ne: 1 }, "' OR 1=1--"),
)

/** A right body with some of it changed, at any depth; or any text at all. */
function aBody(route: ControlRoute): fc.Arbitrary<string> {
  const right = (SAMPLES[endpointOf(route)]?.payload ?? {}) as Record<string, unknown>
  const names = [...Object.keys(right), 'scope', 'kind', 'id', 'window', 'zone', 'constructor', '__proto__', 'x']
  const changed = (value: Record<string, unknown>): fc.Arbitrary<unknown> =>
    fc
      .dictionary(fc.constantFrom(...names), aValue)
      .chain((changes) =>
        fc.record(
          Object.fromEntries(
            Object.entries({ ...value, ...changes }).map(([name, one]) => [
              name,
              isObject(one) && Object.keys(one).length > 0
                ? fc.oneof(fc.constant(one), changed(one))
                : fc.constant(one),
            ]),
          ),
          { requiredKeys: [] },
        ),
      )
  return fc.oneof(
    { weight: 4, arbitrary: changed(right).map((body) => JSON.stringify(body)) },
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '',
      'null',
      '[]',
      '"x"',
      '{',
      '{"a":1,"a":2}',
      '{"__proto__":{"x":1}}',
      '['.repeat(9_000),
      '\ufeff{}',
    ),
  )
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const QUERIES = [
  ...['limit', 'cursor', 'userId', 'keyId', 'provider', 'model', 'outcome', 'evidence', 'code', 'from', 'to', 'zone'],
  ...['bucket', 'by', 'x', '__proto__', 'constructor', 'a[b]'],
]
const aQuery = fc
  .array(
    fc.tuple(
      fc.constantFrom(...QUERIES),
      fc.oneof(
        fc.string(),
        aValue.map((value) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))),
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${encodeURIComponent(name)}=${percentEncoded(value)}`).join('&'))

/** Also halves of surrogate pairs, as bytes that are no UTF-8. */
const percentEncoded = (text: string) =>
  text.isWellFormed() ? encodeURIComponent(text) : `%ed%a0%80${encodeURIComponent(text.toWellFormed())}`
const aSegment = fc.oneof(
  fc.constantFrom('alice', '%00', '%ff', '..%2f', '%2e%2e', '__proto__', 'x'.repeat(3_000)),
  fc.string().map(percentEncoded),
)

describe('B01: whatever is sent, the answer is a success or a 4xx with code, hint and field', () => {
  for (const route of CONTROL_ROUTES.filter(({ path, deadlineMs }) => path !== '/*' && deadlineMs !== null))
    test(`B01: ${endpointOf(route)}`, { timeout: 600_000 }, async () => {
      const fixture = await open()
      const headers = { ...credentialFor(fixture, route), 'content-type': 'application/json' }
      await fc.assert(
        fc.asyncProperty(
          route.body ? aBody(route) : fc.constant(undefined),
          aQuery,
          aSegment,
          async (payload, query, segment) => {
            const path = route.path.replaceAll(/:\w+/g, () => segment)
            const url = route.query || query.length % 4 === 0 ? `${path}?${query}` : path
            // Time passes, so that nobody is told to wait.
            fixture.clock.nowMs += 6_000
            await fixture.store.ledger.renewLease('w1', 60_000)
            const answer = await ask(fixture, route.method, url, { headers, ...(payload !== undefined && { payload }) })
            expect(answer.statusCode).toBeLessThan(500)
            if (answer.statusCode < 400) return
            const error = errorOf(answer)
            if (error.code === 'invalid_field' && !error.message.startsWith('The request:'))
              expect(error.field).toMatch(/./s)
          },
        ),
        { numRuns: RUNS },
      )
      expect(({} as Record<string, unknown>)['x']).toBeUndefined()
      expect(fixture.problems).toEqual([])
    })
})
