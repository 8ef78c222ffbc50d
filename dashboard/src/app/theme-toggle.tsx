import { Button } from '@heroui/react/button'
import { MoonIcon, SunIcon, SystemIcon } from '../ui/icons.tsx'
import { type ThemeChoice, useTheme } from './theme.ts'

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' }
const ICONS = { system: SystemIcon, light: SunIcon, dark: MoonIcon }

export function ThemeToggle() {
  const [choice, choose] = useTheme()
  const Icon = ICONS[choice]
  return (
    <Button
      aria-label={`Theme: ${choice}. Change to ${NEXT[choice]}`}
      className="text-muted"
      isIconOnly
      onPress={() => choose(NEXT[choice])}
      size="sm"
      variant="ghost"
    >
      <Icon />
    </Button>
  )
}
