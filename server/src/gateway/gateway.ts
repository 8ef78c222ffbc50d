import type { IncomingMessage } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Identity } from '../core/account.ts'
import type { InputCount } from '../core/bound.ts'
import type { FewNames } from '../core/few-names.ts'
import type { Deployment, Endpoint } from '../core/ports/deployment.ts'
import type { Format, Framing, RequestBody } from '../core/ports/format.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import type { Translation } from '../core/ports/translation.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Drains } from './drain.ts'
import type { GatewayEvents } from './events.ts'
import type { Health } from './health.ts'
import type { OpenCalls } from './open-calls.ts'
import type { Places } from './places.ts'
import type { UsageRefusers } from './usage-refusers.ts'

/** Everything that a proxied call needs, chosen and wired elsewhere. */
export interface Gateway {
  readonly identify: (key: string) => Promise<Identity | undefined>
  /** Counts a request that came with no key of ours: 0, or how many seconds its sender waits before it is told so again. */
  readonly guessAgainSeconds: (request: IncomingMessage) => number
  /** The identity as it is now, where what was believed of its tenant proved stale. */
  readonly refresh: (identity: Identity) => Promise<Identity | undefined>
  readonly deployments: Deployments
  readonly health: Health
  /** How often a call is tried again at a deployment that it was tried at already. */
  readonly retries: number
  readonly openCalls: OpenCalls
  readonly events: GatewayEvents
  readonly prices: PriceBook
  readonly ledger: Ledger
  /** Room for models that nobody has heard of, by their clients' names. */
  readonly names: FewNames
  readonly formats: Readonly<Record<string, Format>>
  readonly endpoints: Readonly<Record<string, Endpoint>>
  /** `asked`: whether the client asked for a stream. */
  readonly framingOf: (
    contentType: string,
    asked: boolean,
    encoding?: string,
  ) => { readonly framing: Framing; readonly stream: boolean }
  readonly tokens: TokenCounting
  readonly translation: Translation
  readonly dispatcher: Dispatcher
  readonly drains: Drains
  /** For counts that calls near their limits ask of providers: a flood of refusals is not passed on. */
  readonly counts: Places
  readonly usageRefusers: UsageRefusers
  readonly timeouts: { readonly headersMs: number; readonly idleMs: number; readonly settleMs: number }
  readonly newId: () => string
  readonly nowMs: () => number
  readonly report: (problem: string, error: unknown, callId: string) => void
  /** For tests that kill the process at a named point of a call. */
  readonly crashPoint: (name: string) => void
}

export interface Deployments {
  /** The deployments that serve a model, in the order in which to try them; none where nobody does. */
  resolve(format: string, model: string): readonly Deployment[]
  models(): readonly { readonly model: string; readonly provider: string; readonly format: string }[]
}

export interface TokenCounting {
  /** An upper bound of the input's tokens closer than its bytes; undefined where no tokenizer is exact for the model. */
  exactInputTokens(format: Format, body: RequestBody, deployment: Deployment): Promise<InputCount | undefined>
  /** A fair guess of how many tokens a text is, of which at least a part is given. */
  estimateTokens(text: string, length: number): Promise<number>
}
