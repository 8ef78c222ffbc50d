import type { LanguageModelV3CallOptions } from '@ai-sdk/provider'
import { invalidField, type JsonObject, listAt, numberAt, objectAt, optional, textAt, untranslatable } from './field.ts'
import { promptOf } from './prompt.ts'

type Options = LanguageModelV3CallOptions
type Tool = NonNullable<Options['tools']>[number]

/** Members that are read, or that change nothing of the answer. */
const READ = ['model', 'messages', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'temperature']
  .concat(['top_p', 'stop', 'tools', 'tool_choice', 'response_format'])
  .concat(['user', 'metadata', 'store', 'safety_identifier', 'prompt_cache_key'])
/** Members that may be there with the value that changes nothing. */
const USUAL: Readonly<Record<string, unknown>> = {
  n: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  parallel_tool_calls: true,
  logprobs: false,
}

/** What a body of OpenAI's Chat asks, in the AI SDK's words. Throws `invalid_field` for what has no counterpart there. */
export function callOptionsOf(body: JsonObject): Options {
  const foreign = Object.keys(body).find(
    (name) =>
      body[name] !== null && !READ.includes(name) && !(Object.hasOwn(USUAL, name) && body[name] === USUAL[name]),
  )
  if (foreign !== undefined) throw untranslatable(foreign)
  const number = (name: string) => optional(name, body[name], numberAt)
  return {
    prompt: promptOf(body['messages']),
    ...given('maxOutputTokens', number('max_completion_tokens') ?? number('max_tokens')),
    ...given('temperature', number('temperature')),
    ...given('topP', number('top_p')),
    ...given('stopSequences', optional('stop', body['stop'], stops)),
    ...given('responseFormat', optional('response_format', body['response_format'], responseFormat)),
    ...given('tools', optional('tools', body['tools'], tools)),
    ...given('toolChoice', optional('tool_choice', body['tool_choice'], toolChoice)),
  }
}

function given<Name extends keyof Options>(name: Name, value: Options[Name] | undefined): Pick<Options, Name> | object {
  return value === undefined ? {} : { [name]: value }
}

function stops(path: string, value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return listAt(path, value).map((stop, index) => textAt(`${path}[${index}]`, stop))
}

function responseFormat(path: string, value: unknown): Options['responseFormat'] {
  const format = objectAt(path, value)
  if (format['type'] === 'text') return { type: 'text' }
  if (format['type'] === 'json_object') return { type: 'json' }
  if (format['type'] !== 'json_schema') throw untranslatable(`${path}.type`)
  const { name, schema, description } = objectAt(`${path}.json_schema`, format['json_schema'])
  return {
    type: 'json',
    ...(schema !== undefined && { schema: objectAt(`${path}.json_schema.schema`, schema) }),
    ...(name !== undefined && { name: textAt(`${path}.json_schema.name`, name) }),
    ...(description !== undefined && { description: textAt(`${path}.json_schema.description`, description) }),
  }
}

function tools(path: string, value: unknown): Tool[] {
  return listAt(path, value).map((item, index) => {
    const at = `${path}[${index}]`
    const tool = objectAt(at, item)
    if (tool['type'] !== 'function') throw untranslatable(`${at}.type`)
    const { name, description, parameters } = objectAt(`${at}.function`, tool['function'])
    return {
      type: 'function',
      name: textAt(`${at}.function.name`, name),
      ...(description != null && { description: textAt(`${at}.function.description`, description) }),
      inputSchema:
        parameters == null ? { type: 'object', properties: {} } : objectAt(`${at}.function.parameters`, parameters),
    }
  })
}

function toolChoice(path: string, value: unknown): Options['toolChoice'] {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
  const choice = objectAt(path, value)
  if (choice['type'] !== 'function') throw invalidField(path, 'must be auto, none, required or a function')
  const toolName = textAt(`${path}.function.name`, objectAt(`${path}.function`, choice['function'])['name'])
  return { type: 'tool', toolName }
}
