import type { Call } from './call.ts'
import type { Client } from './client.ts'
import {
  credentialError,
  type Failure,
  isCredentialRefused,
  isRetriable,
  ownFailure,
  redirectError,
  retryAfterMs,
} from './failure.ts'
import type { Redirect, RefusedUpstream } from './upstream-answer.ts'
import { isUsageRefused } from './usage-refusers.ts'
import { withoutCredential } from './without-credential.ts'

/** A provider's error is short; one that is not is no answer to pass on. */
const CAP_BYTES = 1024 * 1024

/** Keeps a piece of a refusal; false where that has become too long, and is kept no more. */
export function keepRefusal(refused: RefusedUpstream, chunk: Buffer): boolean {
  refused.size += chunk.length
  if (refused.size > CAP_BYTES) return false
  refused.chunks.push(chunk)
  return true
}

/** What follows from a refusal that is whole: the provider took nothing, and its words are passed on as they are. */
export function failureOfRefusal(call: Call, client: Client, refused: RefusedUpstream | Redirect): Failure {
  const { deployment, gateway } = call
  if (refused.kind === 'redirect') return ownFailure(call, redirectError(deployment), true)
  // A client's 401 would mean its own key, and the provider's words may hold a part of ours.
  if (isCredentialRefused(refused.status)) return ownFailure(call, credentialError(deployment), true)
  const bytes = Buffer.concat(refused.chunks)
  return {
    reason: `answered ${refused.status}`,
    refusesUsage: call.stripUsage && isUsageRefused(refused.status, bytes),
    retriable: isRetriable(refused.status),
    retryAfterMs: retryAfterMs(refused.headers, gateway.nowMs()),
    tell: () => {
      client.send(withoutCredential(bytes, deployment))
      client.end()
    },
  }
}
