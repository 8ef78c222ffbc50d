/**
 * Who may call: anybody; the administrator, by secret or session; the holder of a key; on this machine anybody, and
 * from elsewhere the administrator.
 */
export type Authentication = 'none' | 'admin' | 'key' | 'local'

/** What every route says of itself, of the gateway and of the control plane. One that is not declared does not exist. */
export interface RouteDeclaration {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly authentication: Authentication
  /** Whose data it reads and changes: nobody's, or those of the caller's own tenant. */
  readonly tenant: 'none' | 'own'
  /** Whether a call of it is metered by the gateway, brings usage from elsewhere, or costs nothing. */
  readonly metering: 'metered' | 'ingested' | 'free'
  readonly bodyCapBytes: number
  /** From the first byte of the request to the answer; null for a stream, which has an end of its own. */
  readonly deadlineMs: number | null
}
