import { expect, test } from 'vitest'
import { afterLiveEvent, type LiveEvent, type LiveState, nextPollMs, POLL_MS, STARTING } from './live-state.ts'

const after = (...events: LiveEvent[]) => events.reduce<LiveState>(afterLiveEvent, STARTING)
const opened = { kind: 'opened', atMs: 1 } as const
const lost = { kind: 'lost' } as const
const answered = { kind: 'answered', atMs: 2 } as const
const unanswered = { kind: 'unanswered' } as const

test('with a stream the page is live and asks for nothing by itself', () => {
  expect(after(opened).phase).toBe('live')
  expect(nextPollMs('live')).toBeNull()
})

test('without a stream the page polls often enough to be less than five seconds behind, for as long as the server answers', () => {
  expect(after(opened, lost, answered)).toEqual({ phase: 'reconnecting', asOfMs: 2 })
  expect(nextPollMs('reconnecting')).toBeLessThan(5000)
  expect(nextPollMs(after().phase)).toBe(POLL_MS)
})

test('a server that is gone is offline at the first unanswered read after the stream ended, with the age of the data', () => {
  expect(after(opened, answered, lost, unanswered)).toEqual({ phase: 'offline', asOfMs: 2 })
  expect(nextPollMs('offline')).toBeLessThan(5000)
})

test('a hung server is found too: one lost read ends live, the next is offline', () => {
  expect(after(opened, unanswered).phase).toBe('reconnecting')
  expect(after(opened, unanswered, unanswered).phase).toBe('offline')
})

test('an answer ends offline, and only the stream makes it live again', () => {
  expect(after(lost, unanswered, answered)).toEqual({ phase: 'reconnecting', asOfMs: 2 })
  expect(after(lost, unanswered, answered, opened).phase).toBe('live')
  expect(after(opened, answered).phase).toBe('live')
})

test('a lost stream does not hide that the server is gone', () => {
  expect(after(lost, unanswered, lost).phase).toBe('offline')
})
