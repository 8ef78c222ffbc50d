import type { Call } from './call.ts'

/** What we tell a client about its call, beside the provider's own headers. */
export function ourHeaders({ id, admitted, remaining }: Call): Record<string, string> {
  const { clampedOutputTokens, isSpooled } = admitted
  return {
    'x-token-trackr-call-id': id,
    ...(isSpooled && { 'x-token-trackr-ledger': 'spooled' }),
    ...(remaining.tokens !== undefined && { 'x-token-trackr-remaining-tokens': remaining.tokens.toString() }),
    ...(clampedOutputTokens !== undefined && { 'x-token-trackr-clamped-max-tokens': String(clampedOutputTokens) }),
  }
}
