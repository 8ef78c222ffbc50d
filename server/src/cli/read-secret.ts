import { EXIT, Failure } from './failure.ts'

/** Standard input, as far as it is needed here. */
export interface SecretInput extends AsyncIterable<string | Buffer> {
  readonly isTTY?: boolean
  setEncoding(encoding: 'utf8'): unknown
  setRawMode?(mode: boolean): unknown
}

const [END_OF_INPUT, CTRL_C, BACKSPACE, DELETE] = ['\u0004', '\u0003', '\b', '\u007f']

/** A secret from a pipe or a file as it is, or from somebody who is asked and sees nothing of what is typed. */
export async function readSecret(input: SecretInput, ask: (text: string) => void, question: string): Promise<string> {
  input.setEncoding('utf8')
  if (!input.isTTY) return (await Array.fromAsync(input)).join('').trim()
  ask(question)
  input.setRawMode?.(true)
  try {
    return await typed(input)
  } finally {
    input.setRawMode?.(false)
    ask('\n')
  }
}

async function typed(input: SecretInput): Promise<string> {
  let secret = ''
  for await (const chunk of input)
    for (const character of chunk.toString()) {
      if (character === CTRL_C) throw new Failure('Nothing was changed.', EXIT.error)
      if (character === '\r' || character === '\n' || character === END_OF_INPUT) return secret.trim()
      secret = character === BACKSPACE || character === DELETE ? secret.slice(0, -1) : secret + character
    }
  return secret.trim()
}
