import { lookup } from 'node:dns'
import { BlockList, isIPv6, type LookupFunction } from 'node:net'

/**
 * Addresses that no public provider has: this machine, its networks, and the metadata services of clouds (RFC 6890).
 * A name of the configuration may come to stand for one of them after it was written.
 */
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6')

/** Whether an address belongs to this machine or its networks, whichever way it is written (IPv4 in IPv6 too). */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * Looks up a provider's name at the moment of connecting, and refuses what leads into our own networks, unless the
 * name is allowed to. An address that stands in the configuration itself was meant, and is not looked up (check S25).
 */
export function guardedLookup(allowed: ReadonlySet<string>, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const inward = allowed.has(hostname) ? undefined : addresses.find(({ address }) => isPrivateAddress(address))
      if (inward) {
        const message = `${hostname} leads to ${inward.address}, an address of a private network`
        return callback(Object.assign(new Error(message), { code: 'EACCES' }), '')
      }
      const [first] = addresses
      if (options.all) callback(null, addresses)
      else callback(null, first!.address, first!.family)
    })
  }
}
