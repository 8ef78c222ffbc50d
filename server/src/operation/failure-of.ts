/** A failure as the log tells it: a closed list of fields, since errors of libraries carry requests and headers along. */
export interface LoggedFailure {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: LoggedFailure
}

const MOST_CAUSES = 5
const MOST_CHARACTERS = 2_000

export function failureOf(error: unknown, depth = 0): LoggedFailure {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)) }
  const { code } = error as NodeJS.ErrnoException
  const cause = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
  // The message stands at the head of the stack, and is told already.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    message: cut(error.message),
    ...(typeof code === 'string' && { code }),
    ...(frames && { stack: cut(frames.map((line) => line.trim()).join(' | ')) }),
    ...(cause !== undefined && depth < MOST_CAUSES && { cause: failureOf(cause, depth + 1) }),
  }
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}
