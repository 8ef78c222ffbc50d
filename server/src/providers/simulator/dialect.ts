import type { Format, RequestBody } from '../../core/ports/format.ts'
import type { SimulatedAnswer } from './answer.ts'
import type { Conversation } from './conversation.ts'

/** Everything that an answer is rendered from. */
export interface Simulation {
  readonly id: string
  readonly createdAtMs: number
  readonly conversation: Conversation
  readonly answers: readonly SimulatedAnswer[]
  readonly inputTokens: number
  /** Of the input tokens: read from the simulated prompt cache, and written to it. */
  readonly cachedTokens: number
  readonly writtenTokens: number
}

/** How a format's requests become conversations, and simulations become its answers. */
export interface Dialect {
  readonly format: Format
  conversation(request: RequestBody): Conversation
  body(simulation: Simulation, request: RequestBody): unknown
  /** In order; `tokens`: about how many the model has to write before this frame is ready. */
  frames(simulation: Simulation, request: RequestBody): Iterable<{ readonly frame: string; readonly tokens: number }>
}

/** Words with the space before them: about a token each. */
export function pieces(text: string): readonly string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? []
}
