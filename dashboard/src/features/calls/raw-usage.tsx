import { CodeBlock } from '../../ui/code-block.tsx'
import { DetailPart } from './detail-part.tsx'

/** The provider's own usage object, as it came. */
export function RawUsage({ rawUsage }: { rawUsage: unknown }) {
  return (
    <DetailPart title="What the provider said">
      {rawUsage === null || rawUsage === undefined ? (
        <p className="text-muted">It sent no usage.</p>
      ) : (
        <CodeBlock code={JSON.stringify(rawUsage, null, 2)} what="Raw usage" />
      )}
    </DetailPart>
  )
}
