import { Button } from '@heroui/react/button'
import { useEffect, useState } from 'react'
import { copyText } from '../lib/copy.ts'
import { useServices } from '../lib/services.ts'
import { CheckIcon, CloseIcon, CopyIcon } from './icons.tsx'

interface CopyButtonProps {
  text: string
  /** What is copied, for the button's name: "Copy key". */
  what: string
  /** Shows the words, not only the icon. */
  wide?: boolean
}

const FACES = {
  idle: { Icon: CopyIcon, label: 'Copy' },
  copied: { Icon: CheckIcon, label: 'Copied' },
  refused: { Icon: CloseIcon, label: 'Not copied' },
}

export function CopyButton({ text, what, wide = false }: CopyButtonProps) {
  const { announce } = useServices()
  const [face, setFace] = useState<keyof typeof FACES>('idle')
  useEffect(() => {
    if (face === 'idle') return
    const timer = setTimeout(() => setFace('idle'), 2000)
    return () => clearTimeout(timer)
  }, [face])
  const copy = async () => {
    const copied = await copyText(text)
    setFace(copied ? 'copied' : 'refused')
    announce(copied ? `Copied ${what}` : `The browser refused to copy ${what}`)
  }
  const { Icon, label } = FACES[face]
  return (
    <Button
      aria-label={`Copy ${what}`}
      className={wide ? '' : 'size-7 min-w-7 text-muted'}
      isIconOnly={!wide}
      onPress={() => void copy()}
      size="sm"
      variant={wide ? 'secondary' : 'ghost'}
    >
      <Icon className="size-3.5" />
      {wide && label}
    </Button>
  )
}
