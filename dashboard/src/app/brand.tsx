/** The mark and the name. */
export function Brand({ className = '' }: { className?: string }) {
  return (
    <span className={`flex items-center gap-2 font-semibold tracking-tight ${className}`}>
      <svg aria-hidden="true" className="size-6 shrink-0" viewBox="0 0 32 32">
        <rect className="fill-accent" height="32" rx="8" width="32" />
        <g className="fill-accent-foreground">
          <rect height="8" opacity=".65" rx="1.5" width="4.5" x="7" y="17" />
          <rect height="13" opacity=".85" rx="1.5" width="4.5" x="13.75" y="12" />
          <rect height="18" rx="1.5" width="4.5" x="20.5" y="7" />
        </g>
      </svg>
      <span className="brand-name">Token Trackr</span>
    </span>
  )
}
