import type { EntryDetail } from '../../lib/contract.ts'
import { DetailPart, Fact, Facts } from './detail-part.tsx'

/** What the client said about the call. None of it decides who pays. */
export function CallAudit({ audit, labels }: Pick<EntryDetail, 'audit' | 'labels'>) {
  const labelled = Object.entries(labels)
  const { question, collection, documentsRetrieved, sessionId } = audit
  const said = [question, collection, documentsRetrieved, sessionId].some((value) => value !== undefined)
  if (!said && labelled.length === 0) return null
  return (
    <DetailPart title="Audit and labels, as the client gave them">
      {question !== undefined && (
        <blockquote className="mb-3 border-s-2 border-border ps-3 whitespace-pre-wrap wrap-anywhere" dir="auto">
          {question}
        </blockquote>
      )}
      <Facts>
        {collection !== undefined && <Fact name="Collection">{collection}</Fact>}
        {documentsRetrieved !== undefined && <Fact name="Documents retrieved">{documentsRetrieved}</Fact>}
        {sessionId !== undefined && <Fact name="Session">{sessionId}</Fact>}
        {labelled.map(([name, value]) => (
          <Fact key={name} name={<bdi className="wrap-anywhere">{name}</bdi>}>
            <bdi>{value}</bdi>
          </Fact>
        ))}
      </Facts>
    </DetailPart>
  )
}
