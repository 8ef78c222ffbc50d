import type { Callable } from './resolve.ts'

/** A shorter one is no secret, and would be taken out of words. */
const LEAST_CHARACTERS = 12

/**
 * What a provider answered to a refused call, without our credential and without the token of our session, where there
 * is one: some repeat what they were sent (check S42).
 */
export function withoutCredential(
  answer: Buffer,
  { credential, signing }: Pick<Callable, 'credential' | 'signing'>,
): Buffer {
  return [credential, signing?.sessionToken ?? ''].reduce(withoutSecret, answer)
}

function withoutSecret(answer: Buffer, secret: string): Buffer {
  if (secret.length < LEAST_CHARACTERS || !answer.includes(secret)) return answer
  // Latin-1 keeps every byte of an answer in whatever encoding.
  const hidden = Buffer.from(secret).toString('latin1')
  return Buffer.from(answer.toString('latin1').replaceAll(hidden, '[redacted]'), 'latin1')
}
