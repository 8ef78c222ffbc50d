import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CALENDAR_UNITS, rangeAt } from '../core/window.ts'
import { amountWords, parseAllowed, parseScope, resetWords, scopeWords } from './limit-words.ts'
import { commandLine, NOWHERE, open } from './cli.test.fixture.ts'

describe('limits', () => {
  test('are set, listed and lifted in words that people use', async () => {
    const { tt } = await open()
    const set = await tt('limits', 'set', 'alice', '1.5M/month', '--zone', 'Europe/Amsterdam', '--tell-at', '50,90%')
    const [head, line] = set.out.split('\n')
    expect(head).toMatch(/^limits +to +per +mode +used +held +resets +tells at +id$/)
    expect(line).toMatch(
      /^user:alice +1,500,000 tokens +month Europe\/Amsterdam +hard +0 tokens +0 tokens +2026-12-01 00:00 Europe\/Amsterdam +50% 90% +limit_/,
    )
    expect((await tt('limits', 'set', 'tenant', '$100/day', '--soft', '--zone', 'UTC')).out).toMatch(
      /tenant +\$100 +day UTC +soft/,
    )
    expect((await tt('limits', 'set', 'label:team=search', '60req/minute', '--shadow')).out).toMatch(/sliding/)
    const id = /limit_\S+/.exec(set.out)![0]
    expect((await tt('limits', 'lift', id)).out).toBe(`${id} is lifted.\n`)
    const { out } = await tt('limits', 'list')
    expect(out.split('\n').find((row) => row.includes(id))).toMatch(/^user:alice +none/)
    expect(out.trimEnd().split('\n')).toHaveLength(5)
  })

  test('Q24: words in which the unit is missing or doubled mean nothing, and are not sent', async () => {
    const tt = commandLine({ configuration: NOWHERE })
    const wrong = [
      ...[
        '',
        '/month',
        '1M/year',
        '1M/monthly',
        '$5req/day',
        '$5tokens',
        '5usdreq',
        '5%/day',
        '00/day',
        '1e6',
        '-5',
        '0x5',
      ],
      ...['5/day/month', 'lots', 'NaN', '$0.0000000001', '0.5', '1.5req', '$', 'usd', '5eur/day', '€5', '1M 1M'],
    ]
    for (const words of wrong) expect([words, (await tt('limits', 'set', 'alice', words)).exitCode]).toEqual([words, 2])
    for (const scope of ['label:team', 'label:=x', 'key:', 'model:'])
      expect([scope, (await tt('limits', 'set', scope, '5/day')).exitCode]).toEqual([scope, 2])
    for (const words of [
      'set a 5/day --hard --soft',
      'set a 5/day --tell-at x',
      'test --model m',
      'test --user a --model m --label x',
    ])
      expect([words, (await tt('limits', ...words.split(' '))).exitCode]).toEqual([words, 2])
  })

  test('every amount is read as it is shown', () => {
    const aMetric = fc.constantFrom('tokens', 'requests', 'costNanoUsd')
    fc.assert(
      fc.property(aMetric, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (metric, amount) => {
        const json = amount <= Number.MAX_SAFE_INTEGER ? Number(amount) : amount.toString()
        const shown = amountWords(metric, json).replaceAll(',', '')
        expect(parseAllowed(`${shown}/day`, 'UTC')).toEqual({
          metric,
          amount: json,
          window: { kind: 'calendar', unit: 'day', zone: 'UTC' },
        })
      }),
    )
    const written = {
      '250k': 250_000,
      '1_000': 1_000,
      '$1.5k': 1_500_000_000_000,
      '2usd': 2_000_000_000,
      '5 req': 5,
      '0': 0,
    }
    for (const [text, amount] of Object.entries(written))
      expect(parseAllowed(text, 'UTC')).toMatchObject({ amount, window: { kind: 'lifetime' } })
    expect(parseAllowed('1req/minute', 'UTC').window).toEqual({ kind: 'minute' })
    expect(parseScope('a:b')).toEqual({ kind: 'user', id: 'a:b' })
    for (const text of ['tenant', 'user:x:y', 'model:gpt-4o', 'label:team=a=b'])
      expect(scopeWords(parseScope(text))).toBe(text)
  })

  test('T05: the reset that is printed is where the next window begins, on the clock of its zone', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    fc.assert(
      fc.property(
        ...[fc.constantFrom(...zones), fc.constantFrom(...CALENDAR_UNITS)],
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2037, 11) }),
        (zone, unit, atMs) => {
          const window = { kind: 'calendar', unit, zone } as const
          const { endMs } = rangeAt(window, atMs)
          const [date = '', time = '', shownZone = ''] = resetWords(new Date(endMs).toISOString(), window).split(' ')
          expect(shownZone).toBe(zone)
          const at = Temporal.Instant.fromEpochMilliseconds(endMs).toZonedDateTimeISO(zone)
          expect([date, time]).toEqual([
            at.toPlainDate().toString(),
            at.toPlainTime().toString({ smallestUnit: 'minute' }),
          ])
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('test says what every limit says, and ends with 3 where the call would be refused', async () => {
    const { tt } = await open()
    await tt('limits', 'set', 'alice', '700/day', '--zone', 'Europe/Amsterdam')
    const passes = await tt(
      'limits',
      'test',
      '--user',
      'alice',
      '--model',
      'm1',
      '--input-tokens',
      '100',
      '--max-tokens',
      '4096',
    )
    expect(passes.exitCode).toBe(0)
    expect(passes.out).toMatch(
      /^fits +user:alice +700 tokens +day Europe\/Amsterdam +hard +0 tokens +0 tokens +700 tokens +2026-12-01 00:00/m,
    )
    expect(passes.out).toContain('passes with its answer cut to 600 tokens.')
    const refused = await tt('limits', 'test', '--user', 'alice', '--model', 'm1', '--input-tokens', '701')
    expect([refused.exitCode, /^REFUSES +user:alice/m.test(refused.out)]).toEqual([3, true])
    expect(refused.error).toContain('alice has used 0 tokens of 700 tokens this day')
    expect((await tt('limits', 'test', '--user', 'alice', '--model', 'm9')).exitCode).toBe(3)
    expect((await tt('limits', 'test', '--user', 'nobody', '--model', 'm1')).exitCode).toBe(1)
    const json = await tt('limits', 'test', '--user', 'alice', '--model', 'm1', '--label', 'team=search', '--json')
    expect(JSON.parse(json.raw)).toMatchObject({ passes: true, rules: [{ verdict: 'fits' }, {}] })
  })
})
