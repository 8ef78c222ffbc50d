import type { ErrorBody } from '../core/errors.ts'

/** A call that was not admitted, as far as it was known when it was refused. */
export interface Refused {
  readonly callId: string
  readonly atMs: number
  readonly error: ErrorBody
  readonly tenantId: string | null
  readonly userId: string | null
  readonly keyId: string | null
  readonly provider: string | null
  readonly model: string | null
}
