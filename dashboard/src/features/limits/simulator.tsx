import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Question } from '../../lib/contract.ts'
import { FORMAT_TITLES, type FormatName } from '../../lib/format-titles.ts'
import { parseTokens } from '../../lib/parse-tokens.ts'
import { useServices } from '../../lib/services.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { ErrorLine } from '../../ui/error-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ChoiceInput, TextInput } from './form-parts.tsx'
import { SimulatorAnswer } from './simulator-answer.tsx'
import { useTestLimits } from './use-put-limit.ts'

const FORMATS = Object.entries(FORMAT_TITLES).map(([value, title]) => ({ value: value as FormatName, title }))

const EMPTY = {
  userId: '',
  model: '',
  format: 'openai-chat' as FormatName,
  input: '1000',
  output: '',
  labels: '',
}

/** "Would this call pass?", answered by the code that enforces. Nothing is sent, and nothing is held. */
export function Simulator() {
  const test = useTestLimits()
  const known = useKnownNames()
  const [fields, setFields] = useState(EMPTY)
  const set = (name: keyof typeof EMPTY) => (value: string) => setFields({ ...fields, [name]: value })
  const question = questionOf(fields)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (question && !test.isPending) test.mutate(question)
  }
  return (
    <Panel title="Would this call pass?">
      <form className="grid gap-x-4 gap-y-2 sm:grid-cols-2 lg:grid-cols-3" onSubmit={submit}>
        <TextInput label="User" onChange={set('userId')} options={known.users} value={fields.userId} />
        <TextInput label="Model" onChange={set('model')} options={known.models} value={fields.model} />
        <ChoiceInput label="API" onChange={set('format')} options={FORMATS} value={fields.format} />
        <TextInput
          hint="About four letters to one"
          label="Input tokens"
          numeric
          onChange={set('input')}
          value={fields.input}
        />
        <TextInput
          hint="max_tokens; empty as a client that sets none"
          label="Most output tokens"
          numeric
          onChange={set('output')}
          value={fields.output}
        />
        <TextInput
          hint="As name=value, with commas between"
          label="Labels"
          onChange={set('labels')}
          value={fields.labels}
        />
        <div className="flex items-center gap-3 sm:col-span-2 lg:col-span-3">
          <BusyButton busy={test.isPending} isDisabled={!question} size="sm" type="submit" variant="secondary">
            {test.isPending ? 'Asking…' : 'Test'}
          </BusyButton>
          <p className="text-xs text-muted">Nothing is sent and nothing is held.</p>
        </div>
      </form>
      <div aria-live="polite" className="mt-3 empty:hidden">
        {test.error && <ErrorLine error={test.error} />}
        {test.data && <SimulatorAnswer answer={test.data} />}
      </div>
    </Panel>
  )
}

/** What the fields ask; undefined while something is missing or no number. */
function questionOf({ userId, model, format, input, output, labels }: typeof EMPTY): Question | undefined {
  const inputTokens = parseTokens(input)
  const maxOutputTokens = output.trim() === '' ? null : parseTokens(output)
  if (userId.trim() === '' || model.trim() === '' || inputTokens === undefined || maxOutputTokens === undefined)
    return undefined
  const pairs = labels.split(',').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 ? [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const] : []
  })
  return {
    userId: userId.trim(),
    model: model.trim(),
    format,
    inputTokens,
    ...(maxOutputTokens !== null && { maxOutputTokens }),
    ...(pairs.length > 0 && { labels: Object.fromEntries(pairs) }),
  }
}

/** Names to offer: users, and models of the deployments. */
function useKnownNames() {
  const { api } = useServices()
  const users = useQuery({
    queryKey: ['some users'],
    queryFn: ({ signal }) => api.users(null, signal).then((page) => page.users.map(({ userId }) => userId)),
    staleTime: 60_000,
  })
  const models = useQuery({
    queryKey: ['some models'],
    queryFn: ({ signal }) =>
      api.providers(signal).then(({ deployments }) => [...new Set(deployments.map(({ model }) => model))]),
    staleTime: 60_000,
  })
  return { users: users.data ?? [], models: models.data ?? [] }
}
