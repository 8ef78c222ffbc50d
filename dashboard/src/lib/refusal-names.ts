const NAMES: Record<string, string> = {
  limit_reached: 'Limit reached',
  rate_limited: 'Rate limited',
  unbounded_request: 'Unbounded',
  unpriced_model: 'Unpriced model',
  model_not_found: 'Unknown model',
  model_unavailable: 'Model unavailable',
  ledger_unavailable: 'Ledger unavailable',
  unauthenticated: 'Unknown key',
  invalid_json: 'Invalid JSON',
  invalid_field: 'Invalid field',
  invalid_request: 'Invalid request',
  body_too_large: 'Body too large',
}

/** The code of a refusal, for people; one that is not known here is shown as it is. */
export function refusalName(code: string): string {
  return NAMES[code] ?? code
}
