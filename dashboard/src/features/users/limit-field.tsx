import { Description } from '@heroui/react/description'
import { FieldError } from '@heroui/react/field-error'
import { Input } from '@heroui/react/input'
import { Label } from '@heroui/react/label'
import { Radio } from '@heroui/react/radio'
import { RadioGroup } from '@heroui/react/radio-group'
import { TextField } from '@heroui/react/textfield'
import { parseTokens } from '../../lib/parse-tokens.ts'

/** What stands in the form, as typed. */
export interface LimitDraft {
  readonly unlimited: boolean
  readonly text: string
}

/** The limit that a draft means: a number, null for unlimited, or undefined where it is not a limit yet. */
export function limitOf({ unlimited, text }: LimitDraft): number | null | undefined {
  return unlimited ? null : parseTokens(text)
}

interface LimitFieldProps {
  draft: LimitDraft
  onChange: (draft: LimitDraft) => void
  autoFocus?: boolean
}

/** A number of tokens, or unlimited. */
export function LimitField({ draft, onChange, autoFocus = false }: LimitFieldProps) {
  const wrong = !draft.unlimited && draft.text.trim() !== '' && limitOf(draft) === undefined
  return (
    <div className="flex flex-col gap-3">
      <RadioGroup
        className="flex-row flex-wrap gap-x-5 gap-y-2"
        onChange={(choice) => onChange({ ...draft, unlimited: choice === 'unlimited' })}
        orientation="horizontal"
        value={draft.unlimited ? 'unlimited' : 'limited'}
      >
        <Label className="basis-full">Tokens over the whole lifetime</Label>
        <Choice label="Limited" value="limited" />
        <Choice label="Unlimited" value="unlimited" />
      </RadioGroup>
      {!draft.unlimited && (
        <TextField
          autoFocus={autoFocus}
          fullWidth
          isInvalid={wrong}
          isRequired
          onChange={(text) => onChange({ ...draft, text })}
          value={draft.text}
        >
          <Label>Token limit</Label>
          <Input autoComplete="off" className="tabular-nums" inputMode="numeric" />
          {wrong ? (
            <FieldError>Write a whole number of tokens: 50000, 1,000,000 or 1.5M.</FieldError>
          ) : (
            <Description>A whole number; 0 admits nothing. 50k and 1.5M work too.</Description>
          )}
        </TextField>
      )}
    </div>
  )
}

function Choice({ value, label }: { value: string; label: string }) {
  return (
    <Radio value={value}>
      <Radio.Content>
        <Radio.Control>
          <Radio.Indicator />
        </Radio.Control>
        {label}
      </Radio.Content>
    </Radio>
  )
}
