import { expect, test } from 'vitest'
import { deltaOf } from './delta.ts'

test('a change is a percentage, from ten times on a factor, and never a division by nothing', () => {
  expect(deltaOf(134n, 100n)).toEqual({ direction: 'up', text: '34\u00a0%' })
  expect(deltaOf(50n, 100n)).toEqual({ direction: 'down', text: '50\u00a0%' })
  expect(deltaOf(1200n, 100n)).toEqual({ direction: 'up', text: '12×' })
  expect(deltaOf(10n ** 18n, 1n)).toEqual({ direction: 'up', text: '>\u00a0999×' })
  expect(deltaOf(5n, 0n)).toEqual({ direction: 'up', text: 'new' })
  expect(deltaOf(0n, 5n)).toEqual({ direction: 'down', text: '100\u00a0%' })
  expect(deltaOf(0n, 0n)).toEqual({ direction: 'same', text: null })
})
