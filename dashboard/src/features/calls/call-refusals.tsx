import type { Refusal } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactCount } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { fullTime } from '../../lib/time.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DetailPart, Fact, Facts } from './detail-part.tsx'
import { RefusalChip } from './refusals-table.tsx'

/** Why the call was not admitted, or would not have been by a shadow limit: in the words that the client got. */
export function CallRefusals({ refusals }: { refusals: readonly Refusal[] }) {
  return refusals.map((refusal) => <OneRefusal key={refusal.id} refusal={refusal} />)
}

function OneRefusal({ refusal }: { refusal: Refusal }) {
  const { zone } = useServices()
  const details = Object.entries(refusal.details ?? {})
  return (
    <DetailPart title={refusal.shadow ? 'A shadow limit would have refused it' : 'Refused'}>
      <p className="mb-2 flex flex-wrap items-center gap-2">
        <RefusalChip refusal={refusal} />
        <span>
          <bdi className="font-medium">{refusal.userId}</bdi>
          {refusal.model !== null && (
            <>
              {' '}
              <span className="text-muted">asked for</span> <bdi className="font-medium">{refusal.model}</bdi>
            </>
          )}
        </span>
      </p>
      <blockquote className="mb-3 border-s-2 border-border ps-3 whitespace-pre-wrap wrap-anywhere" dir="auto">
        {refusal.message}
      </blockquote>
      <Facts>
        {details.map(([name, value]) => (
          <Fact key={name} name={<bdi className="wrap-anywhere">{name}</bdi>}>
            {detailText(value)}
          </Fact>
        ))}
        <Fact name="Happened">{fullTime(refusal.at, zone)}</Fact>
        <Fact name="Key">
          <code className="font-mono text-xs">{refusal.keyId}</code>
        </Fact>
        <Fact name="Call id">
          <span className="inline-flex items-center gap-1">
            <code className="font-mono text-xs">{refusal.callId}</code>
            <CopyButton text={refusal.callId} what="call id" />
          </span>
        </Fact>
      </Facts>
    </DetailPart>
  )
}

/** Details are numbers or words; whole numbers are told with their thousands. */
function detailText(value: number | string | null): string {
  if (value === null) return '–'
  return /^-?\d+$/.test(String(value)) ? exactCount(integer(value)) : String(value)
}
