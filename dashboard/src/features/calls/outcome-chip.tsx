import { Chip } from '@heroui/react/chip'
import type { Outcome } from '../../lib/contract.ts'

const FACES = {
  completed: { color: 'success', text: 'Completed' },
  cancelled: { color: 'default', text: 'Cancelled' },
  upstream_error: { color: 'danger', text: 'Upstream error' },
  cut: { color: 'warning', text: 'Cut' },
  voided: { color: 'default', text: 'Voided' },
} as const satisfies Record<Outcome, { color: string; text: string }>

/** How the call ended. A cancelled one is the client's own doing, and no error. */
export function OutcomeChip({ outcome }: { outcome: Outcome }) {
  const { color, text } = FACES[outcome]
  return (
    <Chip className="whitespace-nowrap" color={color} size="sm" variant={color === 'default' ? 'primary' : 'soft'}>
      {text}
    </Chip>
  )
}

export const OUTCOMES = Object.entries(FACES).map(([value, { text }]) => ({ value, title: text }))
