import { expect, test } from 'vitest'
import { PRESETS, readRange, shiftRange } from './range.ts'

const ZONE = 'Europe/Amsterdam'
const NOW = Date.parse('2026-11-22T14:03:20Z')
const NOTHING = { range: null, from: null, to: null }
const iso = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z')
const preset = (range: string) => readRange({ ...NOTHING, range }, ZONE, NOW, 'today')

test('presets begin where people think they do, end on a quarter of an hour after now, and name the equal time before', () => {
  const said = PRESETS.map((name) => {
    const { fromMs, toMs, previousFromMs, previousToMs, bucket } = preset(name)
    return [name, iso(fromMs), iso(toMs), iso(previousFromMs), iso(previousToMs), bucket].join(' ')
  })
  expect(said).toEqual([
    'today 2026-11-21T23:00Z 2026-11-22T14:15Z 2026-11-20T23:00Z 2026-11-21T14:15Z hour',
    '24h 2026-11-21T14:15Z 2026-11-22T14:15Z 2026-11-20T14:15Z 2026-11-21T14:15Z hour',
    '7d 2026-11-15T23:00Z 2026-11-22T14:15Z 2026-11-08T23:00Z 2026-11-15T14:15Z day',
    '30d 2026-10-23T22:00Z 2026-11-22T14:15Z 2026-09-23T22:00Z 2026-10-23T14:15Z day',
    'month 2026-10-31T23:00Z 2026-11-22T14:15Z 2026-09-30T22:00Z 2026-10-22T13:15Z day',
  ])
})

test('what happens just now is in the range before the next quarter of an hour is looked up', () => {
  const almost = Date.parse('2026-11-22T14:14:30Z')
  expect(iso(readRange(NOTHING, ZONE, almost, 'today').toMs)).toBe('2026-11-22T14:30Z')
})

test('the month before is compared with at most itself', () => {
  const { previousFromMs, previousToMs, fromMs } = readRange(
    { ...NOTHING, range: 'month' },
    'UTC',
    Date.parse('2026-03-31T12:00:00Z'),
    'today',
  )
  expect([iso(previousFromMs), iso(previousToMs), iso(fromMs)]).toEqual([
    '2026-02-01T00:00Z',
    '2026-03-01T00:00Z',
    '2026-03-01T00:00Z',
  ])
})

test('an address that names two ends means them in any week; what cannot be read is the preset', () => {
  const range = readRange({ range: '7d', from: '2026-11-01T00:07:00Z', to: '2026-11-03T00:00:00Z' }, ZONE, NOW, 'today')
  expect([range.preset, iso(range.fromMs), iso(range.toMs)]).toEqual([null, '2026-11-01T00:00Z', '2026-11-03T00:00Z'])
  for (const bad of [
    { range: 'never', from: null, to: null },
    { range: null, from: 'x', to: '2026-11-03T00:00:00Z' },
    { range: null, from: '2026-11-03T00:00:00Z', to: '2026-11-01T00:00:00Z' },
  ])
    expect(readRange(bad, ZONE, NOW, '7d').preset).toBe('7d')
})

test('a step back from today is all of yesterday, and a step on from there all of today', () => {
  const shifted = (range: Parameters<typeof shiftRange>[0], by: 1 | -1) => {
    const { fromMs, toMs } = shiftRange(range, by, ZONE)
    return readRange({ range: null, from: iso(fromMs), to: iso(toMs) }, ZONE, NOW, 'today')
  }
  const yesterday = shifted(preset('today'), -1)
  expect([iso(yesterday.fromMs), iso(yesterday.toMs)]).toEqual(['2026-11-20T23:00Z', '2026-11-21T23:00Z'])
  const today = shifted(yesterday, 1)
  expect([iso(today.fromMs), iso(today.toMs)]).toEqual(['2026-11-21T23:00Z', '2026-11-22T23:00Z'])
  const october = shifted(preset('month'), -1)
  expect([iso(october.fromMs), iso(october.toMs)]).toEqual(['2026-09-30T22:00Z', '2026-10-31T23:00Z'])
  const september = shifted(october, -1)
  expect([iso(september.fromMs), iso(september.toMs)]).toEqual(['2026-08-31T22:00Z', '2026-09-30T22:00Z'])
})
