import { expect, test } from 'vitest'
import type { User } from './contract.ts'
import { usageOf, withLimit } from './standing.ts'

const standing = (tokenUsage: number, tokensHeld: number, tokenLimit: number | null) =>
  usageOf({ tokenUsage, tokensHeld, tokenLimit }).standing

test('the standing tells reached from merely held, and 0 from unlimited', () => {
  expect(standing(5, 0, null)).toBe('unlimited')
  expect(standing(0, 0, 0)).toBe('closed')
  expect(standing(79, 0, 100)).toBe('fine')
  expect(standing(79, 1, 100)).toBe('near')
  expect(standing(90, 10, 100)).toBe('held')
  expect(standing(100, 0, 100)).toBe('reached')
  expect(standing(120, 0, 100)).toBe('reached')
})

test('settled and held fill the bar at most, whatever the overshoot, and nothing remains below zero', () => {
  expect(usageOf({ tokenUsage: 64, tokensHeld: 12, tokenLimit: 100 })).toMatchObject({
    usedPercent: 64,
    heldPercent: 12,
    percent: 76,
    remaining: 24n,
  })
  expect(usageOf({ tokenUsage: 90, tokensHeld: 30, tokenLimit: 100 })).toMatchObject({
    usedPercent: 90,
    heldPercent: 10,
    percent: 120,
    remaining: 0n,
  })
})

test('a change is shown at once as the server will tell it', () => {
  const user = { userId: 'alice', tokenUsage: 64, tokensHeld: 12, tokenLimit: 100 } as User
  expect(withLimit(user, 200)).toMatchObject({ tokenLimit: 200, tokensRemaining: '124', percentUsed: 38 })
  expect(withLimit(user, null)).toMatchObject({ tokenLimit: null, tokensRemaining: null, percentUsed: null })
  expect(withLimit(user, 0)).toMatchObject({ tokenLimit: 0, tokensRemaining: '0', percentUsed: 100 })
})
