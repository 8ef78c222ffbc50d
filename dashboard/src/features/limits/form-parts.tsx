import { useId } from 'react'

const CONTROL =
  'h-9 w-full min-w-0 rounded-lg border border-field-border bg-field px-2.5 text-[13px] text-foreground placeholder:text-muted disabled:opacity-60 aria-invalid:border-danger'

interface FieldProps {
  label: string
  hint?: string | undefined
  wrong?: string | undefined
}

interface TextProps extends FieldProps {
  value: string
  onChange: (value: string) => void
  options?: readonly string[]
  isDisabled?: boolean
  autoFocus?: boolean
  placeholder?: string
  numeric?: boolean
}

/** A field with its label, what may be written, and what is wrong with what was. `options` are offered, not demanded. */
export function TextInput({ label, hint, wrong, value, onChange, options, isDisabled, numeric, ...rest }: TextProps) {
  const ids = { field: useId(), list: useId(), hint: useId() }
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label className="text-[13px] font-medium text-foreground" htmlFor={ids.field}>
        {label}
      </label>
      <input
        {...rest}
        aria-describedby={ids.hint}
        aria-invalid={wrong !== undefined}
        autoComplete="off"
        className={`${CONTROL} ${numeric ? 'tabular-nums' : ''}`}
        disabled={isDisabled}
        id={ids.field}
        inputMode={numeric ? 'decimal' : 'text'}
        list={options ? ids.list : undefined}
        onChange={(event) => onChange(event.target.value)}
        spellCheck="false"
        value={value}
      />
      {options && (
        <datalist id={ids.list}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      <p className={`text-xs ${wrong === undefined ? 'text-muted' : 'text-danger-soft-foreground'}`} id={ids.hint}>
        {wrong ?? hint}
      </p>
    </div>
  )
}

interface ChoiceProps<Value extends string> extends FieldProps {
  value: Value
  options: readonly { value: Value; title: string }[]
  onChange: (value: Value) => void
  isDisabled?: boolean
}

export function ChoiceInput<Value extends string>(props: ChoiceProps<Value>) {
  const { label, hint, value, options, onChange, isDisabled } = props
  const ids = { field: useId(), hint: useId() }
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label className="text-[13px] font-medium text-foreground" htmlFor={ids.field}>
        {label}
      </label>
      <select
        aria-describedby={ids.hint}
        className={CONTROL}
        disabled={isDisabled}
        id={ids.field}
        onChange={(event) => onChange(event.target.value as Value)}
        value={value}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p className="text-xs text-muted" id={ids.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}
