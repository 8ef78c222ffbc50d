import { useCallback, useEffect, useState } from 'react'

export type ThemeChoice = 'system' | 'light' | 'dark'
const STORED_AS = 'token-trackr-theme'

/** The chosen theme. public/theme.js has set the class before the first paint; from here on it follows the choice. */
export function useTheme(): [ThemeChoice, (choice: ThemeChoice) => void] {
  const [choice, setChoice] = useState(stored)
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const apply = () => {
      const dark = choice === 'dark' || (choice === 'system' && system.matches)
      document.documentElement.classList.toggle('dark', dark)
      document.documentElement.classList.toggle('light', !dark)
    }
    apply()
    system.addEventListener('change', apply)
    return () => system.removeEventListener('change', apply)
  }, [choice])
  const choose = useCallback((next: ThemeChoice) => {
    setChoice(next)
    try {
      localStorage.setItem(STORED_AS, next)
    } catch {
      // Storage is blocked: the choice holds until the page is left.
    }
  }, [])
  return [choice, choose]
}

function stored(): ThemeChoice {
  try {
    const choice = localStorage.getItem(STORED_AS)
    return choice === 'light' || choice === 'dark' ? choice : 'system'
  } catch {
    return 'system'
  }
}
