import { invalidField, type JsonObject, objectOrUndefined } from '../field.ts'

/** What the older APIs take as text: strings, or the tokens of a text. */
export interface TextList {
  readonly texts: readonly (string | readonly number[])[]
  /** Paths of members that are no text, such as images: some hosts embed them. */
  readonly others: readonly string[]
}

/** A string, an array of strings, of tokens, or of arrays of tokens. Undefined where it is absent. */
export function optionalTexts(json: JsonObject, name: string): TextList | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return { texts: [value], others: [] }
  if (!Array.isArray(value)) throw invalidField(name, 'must be a string or an array')
  if (value.length === 0) throw invalidField(name, 'must not be empty')
  if (typeof value[0] === 'number') return { texts: [tokensAt(value, name)], others: [] }
  const texts: (string | readonly number[])[] = []
  const others: string[] = []
  value.forEach((one: unknown, index) => {
    const path = `${name}[${index}]`
    if (typeof one === 'string') texts.push(one)
    else if (Array.isArray(one)) texts.push(tokensAt(one, path))
    else if (objectOrUndefined(one)) others.push(path)
    else throw invalidField(path, 'must be a string or an array of tokens')
  })
  return { texts, others }
}

function tokensAt(tokens: readonly unknown[], path: string): readonly number[] {
  tokens.forEach((token, index) => {
    if (!Number.isSafeInteger(token) || (token as number) < 0)
      throw invalidField(`${path}[${index}]`, 'must be a token, which is an integer of at least 0')
  })
  return tokens as readonly number[]
}

/** For tokenizers: a text that was sent as tokens is as many words of one token each. */
export function readable({ texts }: TextList): string {
  return texts.map((text) => (typeof text === 'string' ? text : text.map(() => 'a').join(' '))).join('\n')
}
