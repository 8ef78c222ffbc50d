import { Button, type ButtonProps } from '@heroui/react/button'

interface BusyButtonProps extends ButtonProps {
  busy: boolean
}

/**
 * A button that does nothing while it is busy, keeps the focus, and says by its own text what it does. The library's
 * pending state would also announce a label that is gone by the time it is read.
 */
export function BusyButton({ busy, onPress, className = '', ...rest }: BusyButtonProps) {
  return (
    <Button
      {...rest}
      className={`${typeof className === 'string' ? className : ''} ${busy ? 'cursor-progress opacity-70' : ''}`}
      {...(onPress && !busy && { onPress })}
    />
  )
}
