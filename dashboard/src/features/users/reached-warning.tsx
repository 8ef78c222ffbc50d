import { Alert } from '@heroui/react/alert'
import { Button } from '@heroui/react/button'
import type { User } from '../../lib/contract.ts'
import { exactCount } from '../../lib/numbers.ts'
import { usageOf } from '../../lib/standing.ts'
import { Name } from '../../ui/name.tsx'

const NAMED = 3

/** Says whose calls are refused because a limit is reached, and offers what helps. */
export function ReachedWarning({ users, onChange }: { users: readonly User[]; onChange: (userId: string) => void }) {
  const reached = users.filter((user) => usageOf(user).standing === 'reached')
  const [first] = reached
  if (!first) return null
  const others = reached.length - NAMED
  return (
    <Alert className="items-center rounded-3xl border border-border py-2.5 max-sm:flex-wrap" status="danger">
      <Alert.Indicator />
      <Alert.Content className="min-w-0 flex-1 basis-48">
        <Alert.Title className="wrap-anywhere">
          {reached.slice(0, NAMED).map((user, index) => (
            <span key={user.userId}>
              {separator(index, Math.min(reached.length, NAMED), others > 0)}
              <Name width="max-w-60" of={user.userId} />
            </span>
          ))}
          {others > 0 && ` and ${exactCount(BigInt(others))} more`}
          {reached.length === 1 ? ' has reached the token limit' : ' have reached their token limits'}
        </Alert.Title>
        <Alert.Description className="text-[13px]">
          {reached.length === 1 ? 'Calls of this user are' : 'Calls of these users are'} refused until the limit is
          raised.
        </Alert.Description>
      </Alert.Content>
      <Button onPress={() => onChange(first.userId)} size="sm" variant="secondary">
        Raise the limit
        {reached.length > 1 && (
          <>
            {' '}
            of <Name width="max-w-32" of={first.userId} />
          </>
        )}
      </Button>
    </Alert>
  )
}

function separator(index: number, named: number, more: boolean): string {
  if (index === 0) return ''
  return index === named - 1 && !more ? ' and ' : ', '
}
