import type { Meter } from '../../../core/ports/format.ts'
import { arrayOrEmpty, type JsonObject, objectOrUndefined } from '../field.ts'
import type { OutputText } from '../output-text.ts'
import { choicesMeter } from './choices-meter.ts'

/** Reads the answers of OpenAI Chat Completions. */
export function openaiChatMeter(answer: { stream: boolean; stripUsage: boolean }): Meter {
  return choicesMeter(answer, (choice, add) => {
    readMessage(objectOrUndefined(choice['delta']) ?? objectOrUndefined(choice['message']), add)
  })
}

/** Everything that a message or a piece of one makes the model write. */
function readMessage(message: JsonObject | undefined, add: OutputText['add']): void {
  if (message === undefined) return
  add(message['content'])
  add(message['refusal'])
  add(message['reasoning_content'] ?? message['reasoning'])
  add(objectOrUndefined(message['audio'])?.['transcript'])
  const functionCall = objectOrUndefined(message['function_call'])
  if (functionCall) readFunction(functionCall, add)
  for (const value of arrayOrEmpty(message['tool_calls'])) {
    const call = objectOrUndefined(value)
    const called = objectOrUndefined(call?.['function']) ?? objectOrUndefined(call?.['custom'])
    if (called) readFunction(called, add)
  }
}

function readFunction(called: JsonObject, add: OutputText['add']): void {
  add(called['name'])
  add(called['arguments'] ?? called['input'])
}
