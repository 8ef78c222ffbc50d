import { useEffect, useRef } from 'react'

/** Keys and what they do: "?", "[", or a sequence of two as "g o". `mod+k` is Cmd-K or Ctrl-K and works while typing too. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>

const SEQUENCE_MS = 1200

/**
 * Listens for keys on the whole page. Single keys are off while somebody types, holds a modifier, or (unless `inDialogs`)
 * has a dialog open.
 */
export function useShortcuts(shortcuts: Shortcuts, { inDialogs = false } = {}): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    let first: { key: string; at: number } | null = null
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const run = (name: string) => {
        const action = latest.current[name]
        if (!action) return false
        event.preventDefault()
        action(event)
        return true
      }
      if (event.metaKey || event.ctrlKey) return void run(`mod+${event.key.toLowerCase()}`)
      if (event.altKey || isTyping(event.target) || (!inDialogs && isDialogOpen())) return
      const before = first && event.timeStamp - first.at < SEQUENCE_MS ? first.key : null
      first = null
      if (before !== null && run(`${before} ${event.key}`)) return
      if (!run(event.key)) first = { key: event.key, at: event.timeStamp }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [inDialogs])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input:not([type=radio],[type=checkbox]), textarea, select')
}

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"]') !== null
}
