import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { navigate, pageHref, type Parameters, useSearch } from '../lib/location.ts'

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: string
  parameters?: Parameters
}

/** A link to another page: the range of time goes along, and a new tab or a copied address works as anywhere. */
export function Link({ to, parameters, onClick, ...rest }: LinkProps) {
  const href = pageHref(to, parameters, useSearch())
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!plain || event.defaultPrevented) return
    event.preventDefault()
    navigate(href)
  }
  return <a {...rest} href={href} onClick={follow} />
}

/** Where one user is told of. */
export const userPath = (userId: string) => `/users/${encodeURIComponent(userId)}`
