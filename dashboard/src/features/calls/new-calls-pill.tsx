import { Button } from '@heroui/react/button'
import { counted } from '../../lib/numbers.ts'
import { ArrowUpIcon } from '../../ui/icons.tsx'

/** Newer calls that wait above; going up to them lets them in. */
export function NewCallsPill({ count, most }: { count: number; most: number }) {
  if (count === 0) return null
  return (
    <div className="pointer-events-none sticky top-16 z-10 flex h-0 justify-center md:top-3">
      <Button
        className="pointer-events-auto rounded-full shadow-overlay"
        onPress={() => scrollTo({ top: 0, behavior: 'smooth' })}
        size="sm"
      >
        <ArrowUpIcon />
        {count < most ? counted(BigInt(count), 'new call') : `${most}+ new calls`}
      </Button>
    </div>
  )
}
