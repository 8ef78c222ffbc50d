const MOST_CHARACTERS = 200
const CONTROL = /\p{Cc}/u
const ONLY_SPACES = /^\p{White_Space}*$/u

/**
 * Why a text cannot be a user's id, or undefined. What passes is kept and shown exactly as it came: no character is
 * special to us. Not normalised rather than refused would make one id out of two that a person typed differently.
 */
export function userIdProblem(id: string): string | undefined {
  const problem = nameProblem(id)
  if (problem !== undefined) return problem
  if (id === '.' || id === '..') return 'is . or .., which no URL can carry'
  return undefined
}

/** Why a text cannot be a name or an id that people read, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (!name.isWellFormed()) return 'has half of a surrogate pair, which is no character'
  const characters = Array.from(name).length
  if (characters > MOST_CHARACTERS) return `has ${characters} characters; ${MOST_CHARACTERS} are the most`
  if (ONLY_SPACES.test(name)) return 'is empty or only spaces'
  if (CONTROL.test(name)) return 'has a control character'
  if (name !== name.normalize('NFC')) return 'is not in Unicode normal form C'
  return undefined
}
