/** Shorter ones give way at their end, where they have to at all, and so do addresses: there the ends are alike. */
const LONG = 24
const END = 8

interface NameProps {
  of: string
  /** Where more is to be said to the pointer than the whole name. */
  title?: string
  /** How wide it may be, where that is not all of its place. */
  width?: string
  className?: string
}

/**
 * A name that gives way in its middle where its place is too narrow: names of one house begin alike, and differ at their ends.
 * It is read, copied and found as a whole.
 */
export function Name({ of: name, title = name, width = 'max-w-full', className = '' }: NameProps) {
  const characters = Array.from(name)
  if (characters.length <= LONG || name.includes('@'))
    return (
      <bdi className={`inline-block ${width} truncate align-bottom ${className}`} title={title}>
        {name}
      </bdi>
    )
  return (
    <bdi className={`relative inline-flex ${width} min-w-0 align-bottom whitespace-pre ${className}`} title={title}>
      <span className="sr-only">{name}</span>
      <span aria-hidden="true" className="truncate whitespace-pre select-none">
        {characters.slice(0, -END).join('')}
      </span>
      <span aria-hidden="true" className="shrink-0 select-none">
        {characters.slice(-END).join('')}
      </span>
    </bdi>
  )
}
