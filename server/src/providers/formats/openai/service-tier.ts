import { type AskedTiers, UNASKED_TIERS } from '../../../core/bound.ts'
import { invalidField, type JsonObject } from '../field.ts'

/** What OpenAI and its like call the usual tier, in requests and answers; `on_demand` is Groq's word. */
const USUAL = new Set<unknown>(['auto', 'default', 'standard', 'on_demand'])
/** `fast` is another word for `priority` in requests: answers say `priority` for both. */
const SERVED_AS: ReadonlyMap<string, string> = new Map([['fast', 'priority']])
const MAX_LENGTH = 64

/** The tiers at which a request may be served. `auto`, or nothing, leaves it to the account at the provider. */
export function askedTiers(json: JsonObject): AskedTiers {
  const tier = json['service_tier'] ?? 'auto'
  if (typeof tier !== 'string' || tier.length > MAX_LENGTH)
    throw invalidField('service_tier', 'must be the name of a tier, as a string')
  if (tier === 'auto') return { asked: [], possible: UNASKED_TIERS }
  return { asked: USUAL.has(tier) ? [] : [SERVED_AS.get(tier) ?? tier], possible: [] }
}

/** The tier that an answer says it was served at; undefined for the usual one, and for what is no name. */
export function servedTier(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH && !USUAL.has(value)
    ? value
    : undefined
}
