const STORED_AS = 'token-trackr-signed-in'

/**
 * Whether this browser may have a session. Only that is kept, never the secret: the session itself is a cookie that no
 * script can read. Without it the page would have to ask, and be refused, before it can show the sign-in.
 */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(STORED_AS) !== null
  } catch {
    return true
  }
}

export function rememberSignedIn(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(STORED_AS, 'yes')
    else localStorage.removeItem(STORED_AS)
  } catch {
    // Storage is blocked: the page asks the server each time.
  }
}
