import type { EntryDetail } from '../../lib/contract.ts'
import { useServices } from '../../lib/services.ts'
import { duration, fullTime } from '../../lib/time.ts'
import { Took } from './known.tsx'
import { DetailPart, Fact, Facts } from './detail-part.tsx'

export function CallTimes({ entry }: { entry: EntryDetail }) {
  const { zone } = useServices()
  return (
    <DetailPart title="Times">
      <Facts>
        <Fact name="Happened">{fullTime(entry.occurredAt, zone)}</Fact>
        <Fact name="Counted in the limits of">{fullTime(entry.countedAt, zone)}</Fact>
        {entry.firstByteMs !== null && <Fact name="First byte after">{duration(entry.firstByteMs)}</Fact>}
        <Fact name="Took">
          <Took entry={entry} />
        </Fact>
        <Fact name="Answer">
          {entry.stream ? 'streamed' : 'whole'}
          {entry.httpStatus !== null && `, HTTP ${entry.httpStatus}`}
        </Fact>
      </Facts>
    </DetailPart>
  )
}
