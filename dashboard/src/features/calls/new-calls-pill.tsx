import { Button } from '@heroui/react/button'
import { counted } from '../../lib/numbers.ts'
import { ArrowUpIcon } from '../../ui/icons.tsx'

/** Newer calls that wait above; going up to them lets them in. */
export function NewCallsPill({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <div className="pointer-events-none sticky top-16 z-10 flex h-0 justify-center">
      <Button
        className="pointer-events-auto rounded-full shadow-overlay"
        onPress={() => document.getElementById('calls')?.scrollIntoView({ behavior: 'smooth' })}
        size="sm"
      >
        <ArrowUpIcon />
        {counted(BigInt(count), 'new call')}
      </Button>
    </div>
  )
}
