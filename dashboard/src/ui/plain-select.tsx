interface PlainSelectProps {
  label: string
  value: string
  options: readonly { value: string; title: string }[]
  onChange: (value: string) => void
}

/** The browser's own select: it needs no popover code, and works best on small screens. */
export function PlainSelect({ label, value, options, onChange }: PlainSelectProps) {
  return (
    <select
      aria-label={label}
      className="h-8 cursor-pointer rounded-lg border border-field-border bg-field ps-2.5 pe-1.5 text-[13px] text-foreground outline-offset-2"
      onChange={(event) => onChange(event.target.value)}
      value={value}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.title}
        </option>
      ))}
    </select>
  )
}
