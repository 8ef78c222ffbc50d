import { Chip } from '@heroui/react/chip'
import type { Standing } from '../lib/standing.ts'

const FACES = {
  reached: { color: 'danger', text: 'Limit reached' },
  held: { color: 'warning', text: 'All held' },
  near: { color: 'warning', text: 'Near limit' },
  closed: { color: 'default', text: 'Admits nothing' },
} as const

/** Names a standing that needs to be seen; nothing where all is well. */
export function StandingChip({ standing }: { standing: Standing }) {
  if (standing === 'fine' || standing === 'unlimited') return null
  const { color, text } = FACES[standing]
  return (
    <Chip color={color} size="sm" variant="soft">
      {text}
    </Chip>
  )
}
