import { expect, test } from 'vitest'
import { PublicError } from '../core/errors.ts'
import { auditOf } from './audit.ts'

/** A header as Node gives it: its UTF-8 bytes read as Latin-1. */
const raw = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

test('audit fields come as UTF-8, percent-encoded or not, and are cut at whole characters', () => {
  const { audit, labels } = auditOf({
    'x-token-trackr-question': raw(`${'é'.repeat(499)}🙂🙂`),
    'x-token-trackr-collection': encodeURIComponent('Jira – Müller'),
    'x-token-trackr-documents-retrieved': '7',
    'x-token-trackr-session': raw('100% sure'),
    'x-token-trackr-label-team': 'search',
  })
  expect(audit).toEqual({
    question: `${'é'.repeat(499)}🙂`,
    collection: 'Jira – Müller',
    documentsRetrieved: 7,
    sessionId: '100% sure',
  })
  expect(labels).toEqual({ team: 'search' })
})

test('a session is named by our header, else by that of Claude Code', () => {
  const claude = { 'x-claude-code-session-id': '46c058ce-e92e' }
  expect(auditOf(claude).audit).toEqual({ sessionId: '46c058ce-e92e' })
  expect(auditOf({ ...claude, 'x-token-trackr-session': 'mine' }).audit).toEqual({ sessionId: 'mine' })
  expect(auditOf({ 'user-agent': 'claude-cli/2' })).toEqual({ audit: {}, labels: {} })
})

test('B05: a label named __proto__ is a label and nothing else', () => {
  const headers = JSON.parse('{"x-token-trackr-label-__proto__":"polluted"}')
  const { labels } = auditOf(headers)
  expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
  expect(Object.entries(labels)).toEqual([['__proto__', 'polluted']])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a count that is none, and more labels than a call takes, are refused by name', () => {
  expect(() => auditOf({ 'x-token-trackr-documents-retrieved': '-1' })).toThrow(PublicError)
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x-token-trackr-label-l${index}`, 'x']))
  expect(() => auditOf(many)).toThrow('at most 16 labels')
})
