import { Chip } from '@heroui/react/chip'
import type { Answer, Verdict } from '../../lib/contract.ts'
import { integer, integerOrNull } from '../../lib/integer.ts'
import { exactAmount, METRIC_NAMES, MODE_NAMES, windowText } from '../../lib/limit-words.ts'
import { exactUsd } from '../../lib/money.ts'
import { exactCount } from '../../lib/numbers.ts'
import { useServices } from '../../lib/services.ts'
import { usageOfLimit } from '../../lib/standing.ts'
import { dateAndTime } from '../../lib/time.ts'
import { AlertIcon, CheckIcon } from '../../ui/icons.tsx'
import { ScopeName } from '../../ui/scope-name.tsx'

const VERDICTS: Record<Verdict, { text: string; color: 'success' | 'danger' | 'warning' | 'default' }> = {
  fits: { text: 'Fits', color: 'success' },
  refuses: { text: 'Refuses', color: 'danger' },
  exceeds: { text: 'Exceeds, passes', color: 'warning' },
  would_refuse: { text: 'Would refuse', color: 'default' },
}

/** The verdict of each rule with the numbers it was made of. */
export function SimulatorAnswer({ answer }: { answer: Answer }) {
  const { passes, reason, asked, clampedMaxOutputTokens, rules, model, provider } = answer
  const cost = integerOrNull(asked.costNanoUsd)
  return (
    <div className="flex flex-col gap-3 text-[13px]">
      <div
        className={`flex gap-2.5 rounded-lg px-3 py-2.5 ${passes ? 'bg-success-soft text-success-soft-foreground' : 'bg-danger-soft text-danger-soft-foreground'}`}
      >
        {passes ? <CheckIcon className="mt-0.5 size-4" /> : <AlertIcon className="mt-0.5 size-4" />}
        <div className="min-w-0 wrap-anywhere">
          <p className="font-semibold">{passes ? 'It would pass.' : 'It would be refused.'}</p>
          {reason !== null && <p>{reason}</p>}
          <p>
            It would hold {exactCount(integer(asked.tokens))} tokens
            {cost === null ? ', without a price' : ` and ${exactUsd(cost)}`}
            {provider !== null && (
              <>
                {' '}
                at {provider} for <bdi>{model}</bdi>
              </>
            )}
            .
            {clampedMaxOutputTokens !== null &&
              ` Its output would be cut to ${exactCount(integer(clampedMaxOutputTokens))} tokens, so that it fits.`}
          </p>
        </div>
      </div>
      {rules.length === 0 ? (
        <p className="text-muted">No limit binds this call.</p>
      ) : (
        <ul className="divide-y divide-separator rounded-lg border border-border">
          {rules.map((rule) => (
            <Rule key={rule.limitId} rule={rule} />
          ))}
        </ul>
      )}
    </div>
  )
}

function Rule({ rule }: { rule: Answer['rules'][number] }) {
  const { zone } = useServices()
  const { scope, metric, window, mode, verdict, resetsAt } = rule
  const { used, held, remaining } = usageOfLimit(rule)
  const exact = (amount: bigint) => exactAmount(metric, amount)
  const { text, color } = VERDICTS[verdict]
  return (
    <li className="grid gap-x-4 gap-y-1 px-3 py-2.5 sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)_7rem] sm:items-center">
      <div className="min-w-0">
        <ScopeName scope={scope} />
        <span className="block text-xs text-muted">
          {METRIC_NAMES[metric]} {windowText(window)}
          {mode !== 'hard' && `, ${MODE_NAMES[mode].title.toLowerCase()}`}
        </span>
      </div>
      <p className="text-muted tabular-nums">
        Asks for <span className="font-medium text-foreground">{exact(integer(rule.asked))}</span>, left are{' '}
        <span className="font-medium text-foreground">{exact(remaining ?? 0n)}</span> of {exact(integer(rule.amount))} (
        {exact(used)} used{held > 0n && `, ${exact(held)} held`})
        {resetsAt !== null && verdict !== 'fits' && `. Resets ${dateAndTime(resetsAt, zone)}`}
      </p>
      <Chip
        className="justify-self-start sm:justify-self-end"
        color={color}
        size="sm"
        variant={color === 'default' ? 'primary' : 'soft'}
      >
        {text}
      </Chip>
    </li>
  )
}
