import { BlockList, isIP } from 'node:net'
import { ConfigurationError } from '../core/errors.ts'

/** Whether the address is that of a proxy of ours, whose `X-Forwarded-*` are believed. */
export type IsTrustedProxy = (address: string) => boolean

/** Reads addresses and CIDRs, separated by commas. None trusts nobody (check Q22). Throws ConfigurationError. */
export function trustedProxiesFrom(text: string | undefined): IsTrustedProxy {
  const trusted = new BlockList()
  for (const item of (text ?? '').split(',')) if (item.trim() !== '') add(trusted, item.trim())
  return (address) => {
    const version = isIP(address)
    return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6')
  }
}

function add(trusted: BlockList, item: string): void {
  const [address = '', prefix, ...more] = item.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const length = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  // A length of 0 would trust everybody's word on who they are.
  if (version === 0 || more.length > 0 || !(length >= 1 && length <= most))
    throw new ConfigurationError(
      `TRUSTED_PROXIES must be addresses or CIDRs separated by commas, such as 10.0.0.0/8, and one is ${JSON.stringify(item.slice(0, 40))}.`,
    )
  trusted.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
}
