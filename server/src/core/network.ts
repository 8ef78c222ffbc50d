/**
 * Who asks: the nearest address in the chain that is no proxy of ours, since whatever lies beyond it is that one's word. Where all
 * are ours, the farthest.
 *
 * @param forwardedFor The header `X-Forwarded-For`: each proxy adds, at its end, whom it was asked by.
 */
export function callerAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  isTrustedProxy: (address: string) => boolean,
): string {
  const hops = (forwardedFor ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  const chain = [remoteAddress, ...hops.toReversed()]
  return chain.find((address) => !isTrustedProxy(address)) ?? chain.at(-1)!
}

/** Who asks through a door of our own, which adds whom it is opened for at the end of `X-Forwarded-For`. */
export function callerBehindDoor(forwardedFor = '', isTrustedProxy: (address: string) => boolean): string {
  const comma = forwardedFor.lastIndexOf(',')
  const before = forwardedFor.slice(0, Math.max(0, comma))
  return callerAddress(forwardedFor.slice(comma + 1).trim(), before, isTrustedProxy)
}

/** Whom an address stands for: of IPv6, a household has 2^64 of them. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [before = '', after] = address.split('%')[0]!.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  // An IPv4 address written as one of IPv6.
  if (right.at(-1)?.includes('.')) return right.at(-1)!
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
