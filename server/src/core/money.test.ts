import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nanoFromPico, nanoFromPicoCeiling, parseDecimal, usdFromNano } from './money.ts'

/** A decimal text and the exact rational that it stands for, built from integers alone. */
const decimal = fc
  .record({
    whole: fc.bigInt(0n, 10n ** 20n),
    fraction: fc.option(fc.stringMatching(/^[0-9]{1,20}$/), { nil: undefined }),
    exponent: fc.option(fc.integer({ min: -25, max: 25 }), { nil: undefined }),
    sign: fc.constantFrom('', '+'),
    mark: fc.constantFrom('e', 'E'),
  })
  .map(({ whole, fraction, exponent, sign, mark }) => {
    const power = exponent ?? 0
    const digits = fraction?.length ?? 0
    const tail = exponent === undefined ? '' : mark + (exponent >= 0 ? sign : '') + String(exponent)
    return {
      text: `${whole}${fraction === undefined ? '' : `.${fraction}`}${tail}`,
      numerator: (whole * 10n ** BigInt(digits) + BigInt(fraction ?? 0)) * 10n ** BigInt(Math.max(power, 0)),
      denominator: 10n ** BigInt(digits + Math.max(-power, 0)),
    }
  })

test('a decimal text is read exactly, or refused where the scale is too coarse: never rounded', () => {
  fc.assert(
    fc.property(decimal, fc.integer({ min: 0, max: 15 }), ({ text, numerator, denominator }, scale) => {
      const scaled = numerator * 10n ** BigInt(scale)
      expect(parseDecimal(text, scale)).toBe(scaled % denominator === 0n ? scaled / denominator : undefined)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '',
  ' 1',
  '1 ',
  '-1',
  '+1',
  '.5',
  '1.',
  '0x10',
  '1_000',
  '1,5',
  'NaN',
  'Infinity',
  '1e',
  '1e1000',
  '١',
  '1\n',
  '--1',
])('no decimal number: %j is refused', (text) => expect(parseDecimal(text, 9)).toBeUndefined())

test('pico-USD become nano-USD by the nearest, halves away from zero, once', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), (pico) => {
      const nano = nanoFromPico(pico)
      const off = nano * 1000n - pico
      const distance = off < 0n ? -off : off
      expect(distance <= 500n).toBe(true)
      if (distance === 500n) expect(nano * 1000n > pico === pico > 0n).toBe(true)
      expect(nanoFromPico(-pico)).toBe(-nano)
    }),
  )
})

test('a bound is rounded up: never less than the exact amount, and never a whole nano-USD more', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), (pico) => {
      const nano = nanoFromPicoCeiling(pico)
      expect(nano * 1000n >= pico && (nano - 1n) * 1000n < pico).toBe(true)
      expect(nano >= nanoFromPico(pico)).toBe(true)
    }),
  )
})

test('an amount in USD reads back as the same amount, and ends in no superfluous digit', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), (nano) => {
      const text = usdFromNano(nano)
      expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/)
      const sign = text.startsWith('-') ? -1n : 1n
      expect(sign * parseDecimal(text.replace('-', ''), 9)!).toBe(nano)
    }),
  )
})

test('M40: a million calls at $0.000003 cost exactly $3', () => {
  const oneCall = parseDecimal('0.000003', 9)!
  let sum = 0n
  for (let call = 0; call < 1_000_000; call++) sum += oneCall
  expect(usdFromNano(sum)).toBe('3')
})
