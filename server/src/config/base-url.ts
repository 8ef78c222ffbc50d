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
  if (text.includes('?') || text.includes('#')) refuse(place, 'must not have a query or a fragment')
  return url.href.replace(/\/+$/, '')
}
