import { randomUUIDv7 } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Accounts } from './accounts/accounts.ts'
import type { Configuration } from './config/env.ts'
import type { Files } from './config/files.ts'
import type { Guesses } from './core/guesses.ts'
import { callerAddress, callerBehindDoor } from './core/network.ts'
import type { Gateway } from './gateway/gateway.ts'
import { health } from './gateway/health.ts'
import { places } from './gateway/places.ts'
import { usageRefusers } from './gateway/usage-refusers.ts'
import { ENDPOINTS } from './providers/endpoints/all.ts'
import { FORMATS } from './providers/formats/all.ts'
import { framingOf } from './providers/framing/all.ts'
import { estimateTokens, exactInputTokens } from './providers/tokenizer.ts'

/** A provider may think for minutes before its first byte. */
const UPSTREAM_TIMEOUT_MS = 600_000
const COUNTS_AT_ONCE = 4
const SETTLE_PATIENCE_MS = 10_000

type Given =
  'deployments' | 'prices' | 'ledger' | 'names' | 'translation' | 'dispatcher' | 'openCalls' | 'drains' | 'events'

/** Gives the gateway what it needs: formats and endpoints of providers, accounts, time and patience. */
export function wireGateway({
  configuration: { upstreamTimeoutMs: timeoutMs = UPSTREAM_TIMEOUT_MS, isTrustedProxy },
  routing,
  accounts,
  guesses,
  isOwnDoor,
  ...given
}: Pick<Gateway, Given | 'report' | 'crashPoint'> & {
  readonly configuration: Pick<Configuration, 'upstreamTimeoutMs' | 'isTrustedProxy'>
  readonly routing: Files['proxy']['routing']
  readonly accounts: Accounts
  readonly guesses: Guesses
  /** Whether a request was made again by ourselves, for whom its `X-Forwarded-For` ends with. */
  readonly isOwnDoor: (request: IncomingMessage) => boolean
}): Gateway {
  return {
    ...given,
    identify: accounts.identify,
    guessAgainSeconds(request) {
      const told = request.headers['x-forwarded-for']?.toString()
      const { remoteAddress = '' } = request.socket
      return guesses.waitSeconds(
        isOwnDoor(request)
          ? callerBehindDoor(told, isTrustedProxy)
          : callerAddress(remoteAddress, told, isTrustedProxy),
      )
    },
    refresh: accounts.refresh,
    health: health(routing, Date.now),
    retries: routing.retries,
    counts: places(COUNTS_AT_ONCE),
    usageRefusers: usageRefusers(),
    formats: FORMATS,
    endpoints: ENDPOINTS,
    framingOf,
    tokens: { estimateTokens, exactInputTokens },
    timeouts: { headersMs: timeoutMs, idleMs: timeoutMs, settleMs: SETTLE_PATIENCE_MS },
    // In order of time, so that neighbours in time are neighbours in every index.
    newId: randomUUIDv7,
    nowMs: Date.now,
  }
}
