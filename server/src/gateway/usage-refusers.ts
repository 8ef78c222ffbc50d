import type { Call } from './call.ts'

/**
 * Who refuses to be asked for usage in a stream: older versions of Azure's API do, and some kinds of calls at newer ones.
 * Kept for what was asked, so that one client's old version or odd call costs no other call its usage.
 */
export interface UsageRefusers {
  has(asked: AskedForUsage): boolean
  add(asked: AskedForUsage): void
}
export type AskedForUsage = Pick<Call, 'deployment' | 'errand' | 'body'>

export function usageRefusers(): UsageRefusers {
  const known = new Set<string>()
  return {
    has: (asked) => known.size > 0 && known.has(keyOf(asked)),
    add(asked) {
      if (known.size >= MOST_REMEMBERED) known.clear()
      known.add(keyOf(asked))
    },
  }
}
/** A part of what is remembered comes from clients. */
const MOST_REMEMBERED = 1000

/** Azure answers calls over a customer's own data (`data_sources`) in another way. */
function keyOf({ deployment, errand, body }: AskedForUsage): string {
  const version = /(?:^|&)api-version=([\w.-]{1,40})/.exec(errand.query)?.[1] ?? ''
  return [deployment.name, deployment.format, version, body.json['data_sources'] === undefined].join(' ')
}

/** Whether an answer refuses what we have added to the request, and not what its client wrote. */
export function isUsageRefused(status: number, answer: Buffer): boolean {
  return (status === 400 || status === 422) && /stream_options|include_usage/.test(answer.toString())
}
