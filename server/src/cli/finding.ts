/** What was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail'
  readonly check: string
  readonly detail: string
  /** Null where there is nothing to do. */
  readonly fix: string | null
}

export const ok = (check: string, detail: string): Finding => ({ state: 'ok', check, detail, fix: null })
export const warn = (check: string, detail: string, fix: string): Finding => ({ state: 'warn', check, detail, fix })
export const fail = (check: string, detail: string, fix: string): Finding => ({ state: 'fail', check, detail, fix })
