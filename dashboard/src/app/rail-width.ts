const STORED_AS = 'token-trackr-rail'

/** Whether the rail shows icons alone, as it was left. */
export function isRailNarrow(): boolean {
  try {
    return localStorage.getItem(STORED_AS) === 'narrow'
  } catch {
    return false
  }
}

export function rememberRailNarrow(narrow: boolean): void {
  try {
    if (narrow) localStorage.setItem(STORED_AS, 'narrow')
    else localStorage.removeItem(STORED_AS)
  } catch {
    // Storage is blocked: it holds until the page is left.
  }
}
