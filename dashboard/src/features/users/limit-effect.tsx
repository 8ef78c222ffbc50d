import type { User } from '../../lib/contract.ts'
import { exactCount } from '../../lib/numbers.ts'
import { usageOf } from '../../lib/standing.ts'
import { exactAmount } from '../../lib/limit-words.ts'
import { UsageBar } from '../../ui/usage-bar.tsx'

/** What a limit would do to this user, said before it is set. */
export function LimitEffect({ user, tokenLimit }: { user: User; tokenLimit: number | null | undefined }) {
  if (tokenLimit === undefined) return null
  const usage = usageOf({ ...user, tokenLimit })
  return (
    <div
      aria-live="polite"
      className="rounded-lg border border-border bg-surface-secondary px-3 py-2.5 text-[13px] text-foreground"
    >
      <p className={usage.limit === null ? '' : 'mb-2'}>{sentence(usage)}</p>
      <UsageBar exact={(tokens) => exactAmount('tokens', tokens)} label={`Tokens of ${user.userId}`} usage={usage} />
    </div>
  )
}

function sentence({ standing, limit, used, held, remaining }: ReturnType<typeof usageOf>): string {
  const soFar = `${exactCount(used)} used${held > 0n ? ` and ${exactCount(held)} held` : ''}`
  switch (standing) {
    case 'unlimited':
      return `No call is refused for its tokens. Usage keeps counting: ${soFar}.`
    case 'closed':
      return 'Every call is refused from now on: a limit of 0 admits nothing.'
    case 'reached':
      return `Every call is refused from now on: ${soFar} of ${exactCount(limit ?? 0n)}.`
    case 'held':
      return `Nothing is left until running calls end: ${soFar} of ${exactCount(limit ?? 0n)}.`
    case 'near':
    case 'fine':
      return `${exactCount(remaining ?? 0n)} tokens are left from now on: ${soFar}.`
  }
}
