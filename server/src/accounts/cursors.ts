import type { Secrets } from './secrets.ts'

/** Signs positions in lists, so that a page can be asked for only where we ended one, for the same tenant and list. */
export interface Cursors {
  seal(tenantId: string, list: string, position: string): string
  /** The position; undefined for what we did not seal for this tenant and list. */
  open(tenantId: string, list: string, cursor: string): string | undefined
}

export function cursors(secrets: Secrets): Cursors {
  const text = (tenantId: string, list: string, position: string) => JSON.stringify([tenantId, list, position])
  return {
    seal: (tenantId, list, position) =>
      `${Buffer.from(position).toString('base64url')}.${secrets.hash('cursor', text(tenantId, list, position))}`,
    open(tenantId, list, cursor) {
      const [payload = '', signature = '', ...more] = cursor.split('.')
      const position = Buffer.from(payload, 'base64url').toString()
      const isOurs = secrets.matches('cursor', text(tenantId, list, position), signature)
      return isOurs && more.length === 0 ? position : undefined
    },
  }
}
