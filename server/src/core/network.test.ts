import { expect, test } from 'vitest'
import { callerAddress, callerBehindDoor, networkOf } from './network.ts'

test('S09: an IPv6 network is one, however many addresses it has', () => {
  const same = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:0db8:0001:0002:1:2:3:4', '2001:db8:1:2::%eth0']
  expect(new Set(same.map(networkOf))).toEqual(new Set(['2001:db8:1:2']))
  expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf(same[0]!))
  expect([networkOf('::ffff:192.0.2.1'), networkOf('192.0.2.1'), networkOf('::1')]).toEqual([
    '192.0.2.1',
    '192.0.2.1',
    '0:0:0:0',
  ])
})

test('Q22: who asks is the nearest that is no proxy of ours, whatever is claimed beyond it', () => {
  const isOurs = (address: string) => address.startsWith('10.')
  const asked = (remote: string, forwarded?: string) => callerAddress(remote, forwarded, isOurs)
  expect(asked('198.51.100.7')).toBe('198.51.100.7')
  expect(asked('198.51.100.7', '203.0.113.1')).toBe('198.51.100.7')
  expect(asked('10.0.0.1', '203.0.113.1')).toBe('203.0.113.1')
  expect(asked('10.0.0.1', '192.0.2.66, 203.0.113.1,10.0.0.2')).toBe('203.0.113.1')
  expect(asked('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3')
  expect([asked('10.0.0.1', ''), asked('10.0.0.1', ' , ')]).toEqual(['10.0.0.1', '10.0.0.1'])
})

test('Q22: behind our own door it is whom the door was opened for, and not what that one claims', () => {
  const isOurs = (address: string) => address.startsWith('10.')
  expect(callerBehindDoor('203.0.113.1, 127.0.0.1', isOurs)).toBe('127.0.0.1')
  expect(callerBehindDoor('192.0.2.66, 203.0.113.1, 10.0.0.1', isOurs)).toBe('203.0.113.1')
  expect([callerBehindDoor('198.51.100.7', isOurs), callerBehindDoor(undefined, isOurs)]).toEqual(['198.51.100.7', ''])
})
