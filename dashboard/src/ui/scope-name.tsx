import type { Scope } from '../lib/contract.ts'
import { SCOPE_NAMES } from '../lib/limit-words.ts'
import { Link, userPath } from './link.tsx'
import { LINK } from './panel.tsx'
import { Name } from './name.tsx'

/** Whom a limit binds, with the way there. */
export function ScopeName({ scope: { kind, id } }: { scope: Scope }) {
  if (kind === 'tenant') return <span className="font-medium">{SCOPE_NAMES.tenant}</span>
  const title = SCOPE_NAMES[kind]
  const name = <Name of={id} />
  return (
    <span className="block min-w-0">
      <span className="block text-xs text-muted">{title}</span>
      {kind === 'label' && <span className="font-medium">{name}</span>}
      {kind === 'user' && (
        <Link className={`block ${LINK}`} to={userPath(id)}>
          {name}
        </Link>
      )}
      {(kind === 'key' || kind === 'provider' || kind === 'model') && (
        <Link className={`block ${LINK}`} parameters={{ [kind]: id }} to="/requests">
          {name}
        </Link>
      )}
    </span>
  )
}
