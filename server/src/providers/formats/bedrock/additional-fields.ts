import type { Demand } from '../../../core/bound.ts'
import { arrayOrEmpty, invalidField, type JsonObject, objectOrUndefined, optionalObject } from '../field.ts'

/**
 * What `additionalModelRequestFields`, the maker's own words beside Converse's, add to a request. Words that would take
 * the place of Converse's own ceiling, multiply the answer or let the provider run tools are not bounded by anything.
 */
export function additionalDemand(
  json: JsonObject,
): Pick<Demand, 'hiddenInputTokens' | 'unboundedParts' | 'thinkingTokens'> {
  const fields = optionalObject(json, NAME) ?? {}
  const tools = arrayOrEmpty(fields['tools'])
  const hosted = tools.flatMap((tool, index) => (isOfClient(tool) ? [] : [`tools[${index}]`]))
  const named = Object.keys(fields).filter((name) => UNBOUNDED.has(name) && fields[name] !== null)
  const nested = NESTING.flatMap((name) =>
    Object.keys(objectOrUndefined(fields[name]) ?? {}).flatMap((inner) =>
      UNBOUNDED.has(inner) ? [`${name}.${inner}`] : [],
    ),
  )
  return {
    hiddenInputTokens: HIDDEN_TOKENS_PER_TOOL * tools.length,
    unboundedParts: [...named, ...nested, ...hosted].map((name) => `${NAME}.${name}`),
    thinkingTokens: Math.max(...THINKING.map((name) => budgetOf(fields, name))),
  }
}
const NAME = 'additionalModelRequestFields'

/** By the words of all makers: output ceilings, numbers of answers, tools of others, and what compacts a conversation. */
const UNBOUNDED = new Set([
  ...['max_tokens', 'max_completion_tokens', 'max_new_tokens', 'max_gen_len', 'maxTokens', 'maxTokenCount'],
  ...['max_tokens_to_sample', 'n', 'num_generations', 'numResults', 'mcp_servers', 'context_management', 'container'],
])
const NESTING = ['inferenceConfig', 'textGenerationConfig'] as const

/** A tool that Anthropic defines and the client runs costs up to about 735 tokens that no field holds. */
const HIDDEN_TOKENS_PER_TOOL = 1024

function isOfClient(tool: unknown): boolean {
  const type = objectOrUndefined(tool)?.['type']
  if (type == null || type === 'custom' || type === 'function') return true
  return typeof type === 'string' && /^(?:bash|text_editor|computer|memory)_\d/.test(type)
}

/** `reasoning_config` is what AWS called Claude's `thinking` at first. */
const THINKING = ['thinking', 'reasoning_config'] as const

function budgetOf(fields: JsonObject, name: string): number {
  const budget = objectOrUndefined(fields[name])?.['budget_tokens'] ?? 0
  if (!Number.isSafeInteger(budget) || (budget as number) < 0)
    throw invalidField(`${NAME}.${name}.budget_tokens`, 'must be an integer of at least 1')
  return budget as number
}
