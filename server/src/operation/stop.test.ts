import { expect, test } from 'vitest'
import { openCalls } from '../gateway/open-calls.ts'
import { closing } from './stop.ts'

interface Given {
  readonly stopMs?: number
  readonly parts?: Record<string, { close(): Promise<unknown> }>
}

function stopping({ stopMs = 30_000, parts = {} }: Given = {}) {
  const calls = openCalls()
  const said: string[] = []
  const server = { openRequests: 0, refuseNew: () => void said.push('refuse') }
  const close = closing({
    ...{ server, openCalls: calls, stopMs },
    events: {
      stopping: (count) => said.push(`stopping ${count}`),
      stopped: (isClean) => said.push(`stopped ${isClean}`),
    },
    log: { report: (problem) => said.push(problem), close: () => void said.push('log closed') },
    parts: {
      first: { close: async () => said.push('first') },
      ...parts,
      last: { close: async () => said.push('last') },
    },
  })
  return { calls, said, close }
}

test('F14: calls under way end by themselves before anything else is closed, and none is cut', async () => {
  const { calls, said, close } = stopping()
  const ended = calls.begin(() => said.push('cut'))
  const closed = close()
  expect(calls.isRefusing).toBe(true)
  expect(said).toEqual(['stopping 1', 'refuse'])
  ended()
  expect(await closed).toBe(true)
  expect(said.slice(2)).toEqual(['first', 'last', 'stopped true', 'log closed'])
  expect(await close()).toBe(true)
  expect(said).toHaveLength(6)
})

test('F14: at the deadline calls are cut, also one that was admitted meanwhile, and then the rest is closed', async () => {
  const { calls, said, close } = stopping({ stopMs: 0 })
  const first = calls.begin(() => {
    if (said.includes('cut')) return
    said.push('cut')
    // What takes its time, as a settling does.
    setTimeout(() => {
      const second = calls.begin(() => {
        said.push('cut the late one')
        second()
      })
      first()
    }, 30)
  })
  expect(await close()).toBe(true)
  expect(said).toEqual([
    'stopping 1',
    'refuse',
    'cut',
    'cut the late one',
    'first',
    'last',
    'stopped true',
    'log closed',
  ])
})

test('a part that fails is told, keeps no other from closing, and makes the stop unclean', async () => {
  const { said, close } = stopping({ parts: { broken: { close: () => Promise.reject(new Error('x')) } } })
  expect(await close()).toBe(false)
  expect(said.slice(2)).toEqual(['first', 'broken did not close', 'last', 'stopped false', 'log closed'])
})
