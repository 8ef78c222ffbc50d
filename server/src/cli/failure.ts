/** How a command ends. Scripts may rely on these. */
export const EXIT = { ok: 0, error: 1, usage: 2, limitReached: 3, unreachable: 4, verificationFailed: 5 } as const

/** Why a command could not do what it was asked: what, why, and what to do next, in one line. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.error) {
    super(message)
    this.exitCode = exitCode
  }
}
