import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { guardedLookup, isPrivateAddress } from './guarded-lookup.ts'

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '169.254.169.254',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.1',
])('S25: %s is an address of our own networks, in IPv6 too', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
  expect(isPrivateAddress(`::ffff:${address}`)).toBe(true)
})

test.each(['::1', '::', 'fd00::1', 'fe80::1', 'ff02::1', '64:ff9b::a00:1'])('S25: %s is one too', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each(['1.1.1.1', '172.32.0.1', '104.18.7.192', '2606:4700::6810:84e5'])('%s is anybody’s', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

/** What a connection to the name would be told, where the name stands for these addresses now. */
function connecting(hostname: string, addresses: readonly string[], allowed: readonly string[] = []) {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const resolver = ((_name: string, _options: object, answer: (error: null, all: LookupAddress[]) => void) =>
    answer(null, found)) as never
  const { promise, resolve } = Promise.withResolvers<string>()
  guardedLookup(new Set(allowed), resolver)(hostname, { all: true }, (error, all) =>
    resolve(error ? `refused: ${error.message}` : (all as LookupAddress[]).map(({ address }) => address).join()),
  )
  return promise
}

test('S25: a name that comes to lead inward is refused when connecting, even by one of its addresses', async () => {
  expect(await connecting('api.example.com', ['104.18.7.192'])).toBe('104.18.7.192')
  expect(await connecting('api.example.com', ['169.254.169.254'])).toContain(
    'refused: api.example.com leads to 169.254',
  )
  expect(await connecting('api.example.com', ['104.18.7.192', '::1'])).toContain('refused')
  expect(await connecting('vllm.internal', ['10.0.0.7'], ['vllm.internal'])).toBe('10.0.0.7')
})
