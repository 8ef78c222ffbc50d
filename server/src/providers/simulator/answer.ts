import { firstTokens } from '../tokenizer.ts'
import { argumentsFor } from './arguments.ts'
import { calledTool, type Conversation } from './conversation.ts'
import { type Dice, diceOf } from './dice.ts'
import type { SimulatedModel } from './models.ts'

/** What a simulated model says to a conversation: the same to the same. */
export interface SimulatedAnswer {
  readonly thoughts: string
  readonly thinkingTokens: number
  readonly text: string
  readonly toolCall: { readonly id: string; readonly name: string; readonly json: string } | undefined
  /** All of them: thoughts, text and tool call. */
  readonly outputTokens: number
  readonly ending: 'stop' | 'length' | 'tool'
}

/** `index` tells several answers to one request apart. */
export async function answerTo(
  conversation: Conversation,
  model: SimulatedModel,
  index: number,
): Promise<SimulatedAnswer> {
  const dice = diceOf(JSON.stringify([conversation.model, conversation.messages, index]))
  const room = conversation.maxOutputTokens ?? model.contextTokens
  const thoughts = await firstTokens(thoughtsOf(model, dice), Math.min(room, conversation.mostThinkingTokens))
  const left = room - thoughts.tokens
  const common = { thoughts: thoughts.text, thinkingTokens: thoughts.tokens }
  const tool = calledTool(conversation)
  if (tool) {
    const json = JSON.stringify(argumentsFor(tool.schema))
    const { tokens } = await firstTokens(`${tool.name}\n${json}`, Infinity)
    const toolCall = { id: `call_sim_${dice.integer([1e8, 1e9 - 1])}`, name: tool.name, json }
    if (tokens <= left) return { ...common, text: '', toolCall, outputTokens: thoughts.tokens + tokens, ending: 'tool' }
  }
  const full = textOf(conversation, model, dice)
  const { text, tokens } = await firstTokens(full, left)
  const ending = text === full ? 'stop' : 'length'
  return { ...common, text, toolCall: undefined, outputTokens: thoughts.tokens + tokens, ending }
}

function textOf({ model: name, lastUserText }: Conversation, model: SimulatedModel, dice: Dice): string {
  const said = quoted(lastUserText)
  const beginning = `This is a simulated answer from ${name}: no real model was called, and nothing left this machine.`
  const heard = said === '' ? 'You said nothing in words.' : `You said: “${said}”.`
  return [beginning, heard, ...severalOf(SENTENCES, dice.integer(model.sentences), dice)].join(' ')
}

function thoughtsOf(model: SimulatedModel, dice: Dice): string {
  return severalOf(THOUGHTS, dice.integer(model.thoughts), dice).join(' ')
}

/** Sentences in a row, beginning anywhere, so that none comes twice before all have come. */
function severalOf(sentences: readonly [string, ...string[]], count: number, dice: Dice): string[] {
  const from = dice.integer([0, sentences.length - 1])
  return Array.from({ length: count }, (_, index) => sentences[(from + index) % sentences.length] ?? sentences[0])
}

/** The beginning of what was said, on one line. */
function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const characters = Array.from(line.slice(0, 4 * MAX_QUOTED))
  return characters.length <= MAX_QUOTED ? line : `${characters.slice(0, MAX_QUOTED).join('').trimEnd()}…`
}
const MAX_QUOTED = 80

const SENTENCES: readonly [string, ...string[]] = [
  'A real model would now think about it; I only count tokens, and I count them well.',
  'Every token of this answer was set aside before it was written and booked after it was.',
  'If this came word by word, then streaming works all the way to you.',
  'Look at the dashboard: this call should be there by the time you have read this sentence.',
  'Set a credential for a real provider, change the model, and nothing else has to change.',
  'The same question always gets this same answer, so you can compare what you see with what was counted.',
  'Lower the limit of your user and ask again to see how a refusal looks.',
  'The price of this answer is invented, but the arithmetic behind it is the real one.',
]
const THOUGHTS: readonly [string, ...string[]] = [
  'Let me see what is being asked here.',
  'No knowledge is needed, since I have none.',
  'I should say early that I am only simulated, so that nobody takes my word for anything.',
  'A short and friendly answer will do best.',
  'These thoughts are counted as reasoning tokens, which are part of the output.',
  'I could go on, but somebody is waiting.',
]
