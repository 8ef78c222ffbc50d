import type { EntryDetail } from '../../lib/contract.ts'
import { integer } from '../../lib/integer.ts'
import { exactUsd, exactUsdOfPico, ratePerMillion } from '../../lib/money.ts'
import { exactCount } from '../../lib/numbers.ts'
import { bucketName } from './bucket-names.ts'
import { checkCost } from './cost-check.ts'
import { DetailPart } from './detail-part.tsx'

/** Count × rate, line by line, the sum, and its one rounding. */
export function CallCost({ entry }: { entry: EntryDetail }) {
  if (entry.costNanoUsd === null) return <NoCost entry={entry} />
  const { sumPicoUsd, roundingPicoUsd, agrees } = checkCost(entry)
  return (
    <DetailPart title="Cost">
      <div className="overflow-x-auto rounded-lg border border-border">
        <table
          aria-label="Cost, line by line"
          className="w-full tabular-nums [&_td]:px-2 sm:[&_td]:px-3 [&_td]:py-1.5 [&_th]:px-2 sm:[&_th]:px-3 [&_th]:py-1.5"
        >
          <thead className="bg-surface-secondary text-xs text-muted">
            <tr>
              <th className="text-start font-medium">Tokens</th>
              <th className="text-end font-medium">Count</th>
              <th className="text-end font-medium whitespace-nowrap">× $ per 1M</th>
              <th className="text-end font-medium">= Cost</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-separator">
            {entry.costLines.map(({ what, model, count, ratePicoUsd, costPicoUsd }) => (
              <tr key={`${model} ${what}`}>
                <td>
                  {bucketName(what)}
                  {model !== null && (
                    <>
                      {' '}
                      of <bdi>{model}</bdi>
                    </>
                  )}
                </td>
                <td className="text-end">{exactCount(integer(count))}</td>
                <td className="text-end">{ratePerMillion(integer(ratePicoUsd))}</td>
                <td className="text-end">{exactUsdOfPico(integer(costPicoUsd))}</td>
              </tr>
            ))}
            {entry.costLines.length === 0 && (
              <tr>
                <td className="text-muted" colSpan={4}>
                  Nothing to pay for.
                </td>
              </tr>
            )}
            {roundingPicoUsd !== 0n && agrees && (
              <tr className="text-muted">
                <td colSpan={3}>Sum {exactUsdOfPico(sumPicoUsd)}, rounded once to a billionth of a dollar</td>
                <td className="text-end">{exactUsdOfPico(roundingPicoUsd)}</td>
              </tr>
            )}
          </tbody>
          <tfoot className="border-t border-border font-semibold">
            <tr>
              <td colSpan={3}>Cost</td>
              <td className="text-end">{exactUsd(integer(entry.costNanoUsd))}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      {!agrees && (
        <p className="mt-2 text-danger-soft-foreground">
          These lines come to {exactUsdOfPico(sumPicoUsd)}, not to the cost of the entry.
        </p>
      )}
      {[entry.price, ...entry.elsewhere.map(({ price }) => price)].map(
        (price) =>
          price && (
            <p className="mt-2 text-muted" key={price.version}>
              Price of <bdi>{price.provider}</bdi> <bdi>{price.model}</bdi>
              {entry.serviceTier !== null && (
                <>
                  {' '}
                  at the tier <bdi>{entry.serviceTier}</bdi>
                </>
              )}{' '}
              from {price.source}
            </p>
          ),
      )}
    </DetailPart>
  )
}

function NoCost({ entry }: { entry: EntryDetail }) {
  const unknown = entry.totalTokens === null
  return (
    <DetailPart title="Cost">
      <p>
        <span className="font-semibold text-warning-soft-foreground">{unknown ? 'Unknown' : 'Unpriced'}</span>{' '}
        {unknown
          ? 'because its usage is not known. It is in no sum.'
          : `because the price book has no rate for all that ${usedBy(entry)} used. It is not free: it is in no sum of money.`}
      </p>
    </DetailPart>
  )
}

/** Whose rates were looked for, and at which tier. */
function usedBy({ model, serviceTier, elsewhere }: EntryDetail): string {
  const models = [model, ...elsewhere.map((other) => other.model)].join(' and ')
  return serviceTier === null ? models : `${models} at the tier ${serviceTier}`
}
