import { refuse } from '../pricing/yaml-document.ts'

/**
 * Checks a provider's base URL and takes off its trailing slashes: http or https, without user, query or fragment. The
 * URL is never repeated in a message, since people put credentials into URLs.
 */
export function baseUrlFrom(place: string, text: string): string {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    refuse(place, 'must be a URL that begins with http:// or https://')
  if (url.username !== '' || url.password !== '') refuse(place, 'must not have a user or a password in it')
  if (NOBODYS.test(url.hostname)) refuse(place, 'must not be an address of a metadata service or of no host at all')
  if (text.includes('?') || text.includes('#')) refuse(place, 'must not have a query or a fragment')
  return url.href.replace(/\/+$/, '')
}

/** Link-local and unspecified addresses, as URLs write them (WHATWG: every number of IPv4 in decimal, IPv6 in brackets). */
export const NOBODYS =
  /^(?:169\.254\.\d+\.\d+|0\.0\.0\.0|\[fe[89ab][0-9a-f]:.*\]|\[::\]|\[::ffff:(?:a9fe:[0-9a-f]+|0:0)\])$/
