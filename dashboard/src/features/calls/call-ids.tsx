import type { EntryDetail } from '../../lib/contract.ts'
import { exactCount } from '../../lib/numbers.ts'
import { integer } from '../../lib/integer.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DetailPart } from './detail-part.tsx'

/** By what it is found again, in the ledger and in logs. */
export function CallIds({ entry }: { entry: EntryDetail }) {
  const ids = [
    ['Entry id', entry.id],
    ['Call id', entry.callId],
    ['Key id', entry.keyId],
    ['Writer', entry.writerId],
    ['Price version', entry.price?.version],
  ] as const
  return (
    <DetailPart title="Ids">
      <dl className="flex flex-col gap-0.5">
        {ids.map(
          ([name, id]) =>
            id && (
              <div className="flex min-h-7 items-center gap-3" key={name}>
                <dt className="w-24 shrink-0 text-muted">{name}</dt>
                <dd className="flex min-w-0 flex-1 items-center justify-between gap-1">
                  <code className="min-w-0 truncate font-mono text-xs" title={id}>
                    {id}
                  </code>
                  <CopyButton text={id} what={name.toLowerCase()} />
                </dd>
              </div>
            ),
        )}
      </dl>
      <p className="mt-1 text-muted tabular-nums">
        Attempt {entry.attempt}, number {exactCount(integer(entry.seq))} of its writer, format {entry.format}
        {entry.servedModel !== null && (
          <>
            , served by <bdi>{entry.servedModel}</bdi>
          </>
        )}
        {entry.serviceTier !== null && (
          <>
            , at the tier <bdi>{entry.serviceTier}</bdi>
          </>
        )}
      </p>
    </DetailPart>
  )
}
