import type { EntryDetail, Evidence } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactCount } from '../../lib/numbers.ts'
import { bucketName } from './bucket-names.ts'
import { DetailPart, Fact, Facts } from './detail-part.tsx'

const MEANING: Record<Evidence, string> = {
  reported: 'The provider reported these numbers itself; its own words are below.',
  estimated: 'The provider did not report the usage, so it was estimated from the texts.',
  bounded:
    'The process that served the call ended before it knew. What was held is counted in full: the truth is at most this.',
  unknown: 'Nothing is known of the usage. It counts towards no sum, and is not zero.',
}

/** The tokens by bucket, and how they are known. */
export function CallEvidence({ entry }: { entry: EntryDetail }) {
  const buckets = Object.entries(entry.buckets)
  const tools = Object.entries(entry.toolCalls ?? {})
  return (
    <DetailPart title="Tokens">
      <p className="mb-3">
        <span className="font-semibold first-letter:uppercase inline-block">{entry.evidence}.</span>{' '}
        <span className="text-muted">{MEANING[entry.evidence]}</span>
      </p>
      {entry.quarantine !== null && (
        <p className="mb-3 rounded-lg bg-danger-soft px-3 py-2 text-danger-soft-foreground wrap-anywhere">
          Quarantined, and not counted: {entry.quarantine}
        </p>
      )}
      <Facts>
        {buckets.map(([bucket, tokens]) => (
          <Fact key={bucket} name={bucketName(bucket)}>
            {exactCount(integer(tokens))}
          </Fact>
        ))}
        {entry.elsewhere.flatMap(({ model, buckets: others }) =>
          Object.entries(others).map(([bucket, tokens]) => (
            <Fact key={`${model} ${bucket}`} name={`${bucketName(bucket)} of ${model}`}>
              {exactCount(integer(tokens))}
            </Fact>
          )),
        )}
        {tools.map(([kind, calls]) => (
          <Fact key={kind} name={bucketName(`toolCalls.${kind}`)}>
            {exactCount(integer(calls))}
          </Fact>
        ))}
        <Fact name={<span className="font-semibold text-foreground">All tokens</span>}>
          <span className="font-semibold">
            {entry.totalTokens === null ? 'unknown' : exactCount(integer(entry.totalTokens))}
          </span>
        </Fact>
      </Facts>
    </DetailPart>
  )
}
