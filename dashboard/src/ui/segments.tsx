interface SegmentsProps<Value extends string> {
  /** What is chosen: "Range". */
  label: string
  value: Value | null
  options: readonly { value: Value; title: string; hint?: string }[]
  onChange: (value: Value) => void
}

/** A few choices in a row, one of them taken. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>) {
  return (
    <div aria-label={label} className="flex max-w-full rounded-lg bg-default p-0.5 text-[13px]" role="group">
      {options.map((option) => (
        <button
          aria-pressed={option.value === value}
          className="h-7 cursor-pointer rounded-md px-2.5 font-medium whitespace-nowrap text-muted outline-offset-1 hover:text-foreground aria-pressed:bg-surface aria-pressed:text-foreground aria-pressed:shadow-xs max-sm:px-1.5"
          key={option.value}
          onClick={() => onChange(option.value)}
          title={option.hint}
          type="button"
        >
          {option.title}
        </button>
      ))}
    </div>
  )
}
