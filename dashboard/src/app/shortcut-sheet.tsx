import { Modal } from '@heroui/react/modal'
import { PAGES } from './routes.ts'

const SHORTCUTS: readonly { title: string; keys: readonly (readonly [keys: string, does: string])[] }[] = [
  {
    title: 'Go to',
    keys: [...PAGES.map(({ key, title }) => [`g ${key}`, title] as const), ['Ctrl K', 'Anything by its name']],
  },
  {
    title: 'On a page',
    keys: [
      ['/', 'Find or filter'],
      ['[ and ]', 'Range earlier, later'],
      ['j and k', 'Next row, row before'],
      ['Enter', 'Open the row'],
      ['?', 'This sheet'],
    ],
  },
  {
    title: 'In an open call',
    keys: [
      ['j or ]', 'Older call'],
      ['k or [', 'Newer call'],
      ['Esc', 'Close'],
    ],
  },
  { title: 'In a chart', keys: [['← →', 'From bucket to bucket']] },
]

/** What the keys do. Single keys are off while somebody types. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal.Backdrop isOpen onOpenChange={(open) => !open && onClose()}>
      <Modal.Container>
        <Modal.Dialog className="sm:max-w-xl">
          <Modal.CloseTrigger aria-label="Close" />
          <Modal.Header className="pe-8">
            <Modal.Heading>Keyboard shortcuts</Modal.Heading>
          </Modal.Header>
          <Modal.Body className="mt-3 grid gap-x-10 gap-y-5 text-[13px] text-foreground sm:grid-cols-2">
            {SHORTCUTS.map(({ title, keys }) => (
              <section key={title}>
                <h3 className="mb-2 font-semibold">{title}</h3>
                <dl className="flex flex-col gap-1.5">
                  {keys.map(([key, does]) => (
                    <div className="flex items-center justify-between gap-4" key={key}>
                      <dt className="order-2">
                        <kbd className="rounded-md border border-border bg-surface-secondary px-1.5 py-0.5 font-mono text-xs whitespace-nowrap">
                          {key}
                        </kbd>
                      </dt>
                      <dd className="text-muted">{does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </Modal.Body>
        </Modal.Dialog>
      </Modal.Container>
    </Modal.Backdrop>
  )
}
