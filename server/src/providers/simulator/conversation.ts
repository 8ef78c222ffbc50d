import type { JsonObject } from '../formats/field.ts'

/** A request as the simulation sees it, whatever its format. */
export interface Conversation {
  readonly model: string
  /** The texts of the messages in order, with what comes before them: repeated beginnings of it are cached. */
  readonly messages: readonly string[]
  readonly lastUserText: string
  /** Whether it is the model's turn to answer a person, and not to go on after a tool. */
  readonly endsWithUser: boolean
  readonly tools: readonly Tool[]
  readonly toolChoice: 'auto' | 'none' | 'any' | { readonly name: string }
  readonly choices: number
  readonly maxOutputTokens: number | undefined
  /** The most that may be thought; 0 where no thoughts are wanted. */
  readonly mostThinkingTokens: number
  readonly stream: boolean
  /** Whether repeated beginnings are cached: always, as with OpenAI, or where the request marks it, as with Anthropic. */
  readonly caching: 'always' | 'marked' | 'never'
}

export interface Tool {
  readonly name: string
  readonly schema: JsonObject
}

/** The tool that the model calls: the one that is forced, or that the last message of a person names. */
export function calledTool({ tools, toolChoice, lastUserText, endsWithUser }: Conversation): Tool | undefined {
  if (toolChoice === 'none' || !endsWithUser) return undefined
  if (typeof toolChoice === 'object') return tools.find((tool) => tool.name === toolChoice.name)
  const said = words(lastUserText)
  const named = tools.find((tool) => said.includes(words(tool.name)))
  return named ?? (toolChoice === 'any' ? tools[0] : undefined)
}

/** `get_weather`, `getWeather` and "get weather" are the same words. */
function words(text: string): string {
  const apart = text.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
  return ` ${apart.trim().toLowerCase()} `
}
