import type { EntryDetail } from '../../lib/contract.ts'
import { integer, integerOrNull } from '../../lib/integer.ts'
import { exactUsd } from '../../lib/money.ts'
import { exactCount } from '../../lib/numbers.ts'
import { DetailPart, Fact, Facts } from './detail-part.tsx'

/** What was set aside before the call was sent, against what it used. */
export function CallHold({ entry }: { entry: EntryDetail }) {
  if (entry.ending === 'ingested')
    return (
      <DetailPart title="Hold">
        <p className="text-muted">None: this usage was reported to Token Trackr after the call.</p>
      </DetailPart>
    )
  if (entry.ending === 'spooled')
    return (
      <DetailPart title="Hold">
        <p className="text-muted">
          None: the ledger could not be reached, and the call was let through without it. It was booked when that was
          back.
        </p>
      </DetailPart>
    )
  const held = integer(entry.held.tokens)
  const used = integerOrNull(entry.totalTokens)
  const left = used === null ? null : held - used
  return (
    <DetailPart title="Hold">
      <Facts>
        <Fact name="Held before it was sent">{exactCount(held)} tokens</Fact>
        <Fact name="Used">{used === null ? 'unknown' : `${exactCount(used)} tokens`}</Fact>
        {left !== null && left >= 0n && <Fact name="Given back">{exactCount(left)} tokens</Fact>}
        {left !== null && left < 0n && (
          <Fact name="More than was held">
            <span className="text-danger-soft-foreground">{exactCount(-left)} tokens</span>
          </Fact>
        )}
        <Fact name="Held for its cost">{exactUsd(integer(entry.held.costNanoUsd))}</Fact>
        <Fact name="The hold">{entry.ending}</Fact>
      </Facts>
    </DetailPart>
  )
}
