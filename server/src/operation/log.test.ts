import { expect, test } from 'vitest'
import { PublicError, StoreUnavailable } from '../core/errors.ts'
import { openLog } from './log.ts'

function opened(level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = []
  return { lines, log: openLog(level, (line) => void lines.push(line)) }
}
const parsed = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>

test('a failure is told with its causes, and with nothing that a library hangs on its errors', () => {
  const { log, lines } = opened()
  const refused = Object.assign(new Error('connect ECONNREFUSED https://h/?key=hunter2pw'), {
    ...{
      code: 'ECONNREFUSED',
      headers: { authorization: 'hunter2pw' },
      body: 'hunter2pw',
      request: { path: 'hunter2pw' },
    },
  })
  log.report(
    'the ledger failed',
    new StoreUnavailable('no answer', { cause: new AggregateError([refused], 'all') }),
    'call-1',
  )
  expect(parsed(lines[0])).toMatchObject({
    ...{ level: 'error', callId: 'call-1', msg: 'the ledger failed' },
    err: {
      ...{ type: 'StoreUnavailable', message: 'no answer' },
      cause: { type: 'AggregateError', message: 'all', cause: { type: 'Error', code: 'ECONNREFUSED' } },
    },
  })
  expect(lines.join('')).not.toContain('hunter2pw')
  expect(lines[0]?.trim()).not.toContain('\n')
})

test('an error that is long, endless or none at all is one line, and no question comes with a refusal', () => {
  const { log, lines } = opened()
  const endless = new Error('x'.repeat(1_000_000))
  endless.cause = endless
  log.report('a', endless)
  log.report('b', 'only text')
  log.report('c', undefined)
  log.report('d', new PublicError('limit_reached', 'no', { details: { question: 'canary-question' } }))
  expect(lines).toHaveLength(4)
  expect(lines[0]!.length).toBeLessThan(50_000)
  expect(lines.join('')).not.toContain('canary-question')
})

test('S40: every line goes through the scrubber, whatever it is asked to say', () => {
  const { log, lines } = opened()
  log.conceal('canary-secret')
  log.told('started', { note: 'canary-secret', key: 'k1', url: 'https://h/?a=b', question: 'q1' })
  log.notice('canary-secret')
  expect(lines.join('')).not.toMatch(/canary-secret|k1|q1|a=b/)
})

test('below its level nothing is said', () => {
  const { log, lines } = opened('warn')
  log.told('started')
  log.notice('careful')
  expect(lines.map((line) => parsed(line)['msg'])).toEqual(['careful'])
})
