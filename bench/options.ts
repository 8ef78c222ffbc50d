/** What the words of a command line mean, or an error that says what they may be. */

export function nameIn<Name extends string>(known: Readonly<Record<Name, unknown>>, name: string): Name {
  if (Object.hasOwn(known, name)) return name as Name
  throw new Error(`--only knows ${Object.keys(known).join(', ')}, not ${name}`)
}

export function positive(option: string, text: string): number {
  const figure = Number(text)
  if (figure > 0 && Number.isFinite(figure)) return figure
  throw new Error(`--${option} takes positive numbers, not ${text}`)
}

export function positiveOrNone(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : positive(option, text)
}
