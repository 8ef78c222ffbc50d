import type { Callable } from './resolve.ts'

/** A shorter one is no secret, and would be taken out of words. */
const LEAST_CHARACTERS = 12

/** What a provider answered to a refused call, without our credential: some repeat what they were sent (check S42). */
export function withoutCredential(answer: Buffer, { credential }: Pick<Callable, 'credential'>): Buffer {
  if (credential.length < LEAST_CHARACTERS || !answer.includes(credential)) return answer
  // Latin-1 keeps every byte of an answer in whatever encoding.
  const hidden = Buffer.from(credential).toString('latin1')
  return Buffer.from(answer.toString('latin1').replaceAll(hidden, '[redacted]'), 'latin1')
}
