import { Modal } from '@heroui/react/modal'
import { SignInForm } from './sign-in-form.tsx'

/** Asks for the secret again above the page as it is: what was typed or open below is not lost. */
export function SessionEnded({ onSignedIn }: { onSignedIn: () => void }) {
  return (
    <Modal.Backdrop isDismissable={false} isKeyboardDismissDisabled isOpen>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-sm">
          <Modal.Header>
            <Modal.Heading>Your session has ended</Modal.Heading>
          </Modal.Header>
          <Modal.Body className="flex flex-col gap-4">
            <p>Sign in again to go on. Nothing on the page is lost.</p>
            <SignInForm onSignedIn={onSignedIn} />
          </Modal.Body>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
