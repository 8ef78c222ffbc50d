import { expect, test } from 'vitest'
import { baseUrlFrom } from './base-url.ts'

const at = (url: string) => baseUrlFrom('OPENAI_BASE_URL', url)

test.each([
  'http://169.254.169.254/v1',
  'http://0xA9FEA9FE/v1',
  'http://2852039166/',
  'http://0251.0376.0251.0376/',
  'http://0.0.0.0:8000',
  'http://0/',
  'http://[fe80::1]/',
  'http://[::]/',
  'http://[::ffff:169.254.169.254]/',
])('S25: %s is refused, however it is written', (url) => {
  expect(() => at(url)).toThrow('metadata service')
})

test('an address that stands in the configuration itself was meant: a provider on this machine or in its network', () => {
  expect(at('http://127.0.0.1:11434/v1/')).toBe('http://127.0.0.1:11434/v1')
  expect(at('http://10.0.0.7:8000/v1')).toBe('http://10.0.0.7:8000/v1')
})
